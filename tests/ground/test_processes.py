"""What was started is known again, and only that is ended."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ground.instance import MARK, Instance, Processes, free_instance, marked, started_at
from mirakuru.base import ENV_UUID

Sleeper = subprocess.Popen[bytes]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Sleeper]:
    process = subprocess.Popen(["sleep", "300"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path / "instance" / "processes.json")


def test_a_remembered_process_is_alive_until_it_ends(processes: Processes, sleeper: Sleeper) -> None:
    processes.remember("Redis", sleeper.pid)
    assert processes.alive() == {"Redis": sleeper.pid}
    sleeper.kill()
    sleeper.wait()
    assert processes.alive() == {}


def test_clearing_ends_what_was_left_and_forgets_it(processes: Processes, sleeper: Sleeper) -> None:
    processes.remember("Redis", sleeper.pid)
    assert processes.clear() == ["Redis"]
    assert sleeper.wait(timeout=5) != 0
    assert not processes.path.exists()


def test_another_process_with_the_same_number_is_left_alone(
    processes: Processes, sleeper: Sleeper
) -> None:
    processes.remember("Redis", sleeper.pid)
    known = json.loads(processes.path.read_text())
    known["Redis"]["started"] = "1"
    processes.path.write_text(json.dumps(known))
    assert processes.alive() == {}
    assert processes.clear() == []
    assert sleeper.poll() is None


def test_a_marked_process_is_found_though_nobody_remembered_it(processes: Processes) -> None:
    folder = processes.path.parent
    process = subprocess.Popen(["sleep", "300"], env={**os.environ, MARK: str(folder)})
    other = subprocess.Popen(["sleep", "300"], env={**os.environ, MARK: f"{folder}-2"})
    try:
        assert marked(folder) == [process.pid]
        assert processes.clear() == [f"process {process.pid}"]
        assert process.wait(timeout=5) != 0
        assert other.poll() is None
    finally:
        for each in (process, other):
            each.kill()
            each.wait()


def test_processes_that_end_with_their_group_are_not_waited_for(processes: Processes) -> None:
    mark = {**os.environ, MARK: str(processes.path.parent)}
    group = subprocess.Popen(["sh", "-c", "sleep 300 & sleep 300 & wait"], env=mark, start_new_session=True)
    while len(marked(processes.path.parent)) < 3:
        time.sleep(0.05)
    began = time.monotonic()
    assert f"process {group.pid}" in processes.clear()
    assert time.monotonic() - began < 5
    group.wait()


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"'])
def test_a_broken_memory_is_no_memory(processes: Processes, content: str) -> None:
    processes.path.parent.mkdir()
    processes.path.write_text(content)
    assert processes.alive() == {}
    assert processes.clear() == []


def test_a_process_that_ended_has_no_start() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert started_at(process.pid) is None
    assert started_at(os.getpid()) is not None


def test_an_instance_is_held_by_one_run_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ground.instance.HOME", tmp_path)
    with Instance("test").held() as first, Instance("test").held() as second:
        assert (first, second) == (True, False)
        with free_instance("test") as instance:
            assert instance.name == "test-2"
    with free_instance("test") as instance:
        assert instance.name == "test"


def test_a_program_that_ends_leaves_the_services_of_others_alone() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from ground import services; print('ready', flush=True); input()"
    command = [sys.executable, "-c", code, str(Path(__file__).resolve().parents[2] / "bin")]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdout and program.stdout.readline() == "ready\n"
    # Another supervisor's number and its services' mark, with the program's digits among them.
    environment = {**os.environ, ENV_UUID: f"9{program.pid}9:4c1f"}
    service = subprocess.Popen(["sleep", "300"], env=environment)
    try:
        program.communicate("\n", timeout=30)
        assert program.returncode == 0
        assert service.poll() is None
    finally:
        service.kill()
        service.wait()
