"""A failed step says which, shows the log's end and what to do."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ground import commands
from ground.steps import LAST_LINES, StepFailed, run


def test_a_failed_step_reports_its_name_the_end_of_its_log_and_the_advice(tmp_path: Path) -> None:
    script = "print('\\n'.join(f'line {n}' for n in range(100))); raise SystemExit(3)"
    log = tmp_path / "logs" / "step.log"
    with pytest.raises(StepFailed) as failure:
        run("count the lines", [sys.executable, "-c", script], log, "count to less")
    lines = failure.value.report().splitlines()
    assert "This step failed: count the lines" in lines
    assert any("exit code 3" in line for line in lines)
    assert [line.strip() for line in lines if "line " in line][-1] == "line 99"
    assert sum(line.startswith("    ") for line in lines) == LAST_LINES
    assert lines[-1] == "What to do: count to less"


def test_a_program_that_is_missing_is_a_failed_step(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="no-such-program"):
        run("run nothing", ["/no-such-program"], tmp_path / "log", "install it")


def test_a_step_that_ends_well_leaves_its_output_in_the_log(tmp_path: Path) -> None:
    run("greet", [sys.executable, "-c", "print('good day')"], tmp_path / "log", "")
    assert (tmp_path / "log").read_text() == "good day\n"


def test_the_commands_tell_a_failed_step_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arguments: list[str]) -> int:
        raise StepFailed("start Solr", "port 1 is taken", "end the other program")

    monkeypatch.setattr(commands, "portal", fail)
    assert commands.main("portal", ["up"]) == 1
    said = capsys.readouterr().err
    assert "This step failed: start Solr" in said
    assert "What to do: end the other program" in said
    assert "Traceback" not in said


def test_a_missing_venv_module_is_installed_by_nobody_but_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(StepFailed) as failure:
        commands.environment._install_venv(tmp_path / "log")
    assert failure.value.advice == "type: sudo apt-get install -y python3-venv"


def test_jars_that_differ_from_those_tried_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = commands.environment.JAR_HASHES.read_text().splitlines()[0].partition("  ")[2]
    (tmp_path / first).write_bytes(b"something else")
    monkeypatch.setattr(commands.environment, "JARS", tmp_path)
    with pytest.raises(StepFailed, match=first):
        commands.environment._check_jars()
