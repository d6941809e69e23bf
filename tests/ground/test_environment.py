"""The set-up follows what pip is told on this machine."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ground.environment import pip_setting


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_CERT", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_file_of_pips_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\ncert = /etc/certificates.pem\nindex-url = https://index.example.org/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    command = [sys.executable, "-m", "venv", str(tmp_path / "venv")]
    subprocess.run(command, check=True)
    pip = [str(tmp_path / "venv" / "bin" / "python"), "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, check=True, capture_output=True, text=True).stdout
    assert pip_setting("cert", listed) == "/etc/certificates.pem"
    assert pip_setting("index-url", listed) == "https://index.example.org/simple"


def test_a_variable_goes_before_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "/the/variables.pem")
    assert pip_setting("cert", "global.cert='/the/files.pem'\n") == "/the/variables.pem"


def test_nothing_told_is_nothing_set() -> None:
    assert pip_setting("cert", "global.timeout='60'\ninstall.cert='/other.pem'\n") == ""
