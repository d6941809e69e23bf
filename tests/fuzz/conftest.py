"""Options and the score of the run with unexpected inputs."""
from __future__ import annotations

from typing import Any

from fuzz.judging import ROUND, SCORE


def pytest_generate_tests(metafunc: Any) -> None:
    """As many rounds as the wanted number of inputs needs."""
    if "inputs_of_round" in metafunc.fixturenames:
        wanted, seed = metafunc.config.getoption("--inputs"), metafunc.config.getoption("--seed")
        rounds = [(seed, number, min(ROUND, wanted - number * ROUND)) for number in range(-(-wanted // ROUND))]
        metafunc.parametrize("inputs_of_round", rounds, ids=[f"seed{seed}-round{number}" for seed, number, _ in rounds])


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """Print the score."""
    if SCORE.inputs:
        terminalreporter.section(f"unexpected inputs, --seed {config.getoption('--seed')}")
        for line in SCORE.lines():
            terminalreporter.line(line)
