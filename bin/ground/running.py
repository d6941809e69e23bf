"""Run a portal: start services, prepare the portal, and stop everything in order."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from ground import services
from ground.environment import ROOT, VENV
from ground.instance import (
    HOST,
    MARK,
    Instance,
    end,
    free_instance,
    free_port,
    port_taken,
    setting,
    write_ini,
)
from ground.steps import StepFailed, last_lines, run, say, step

READY = "ready"
ACCOUNTS = "portal_admin, library_editor, metadata_curator, metadata_assistant, county_editor"


class Stopped(BaseException):
    """Someone asked this program to end."""


def end_by_signals() -> None:
    """Make Ctrl-C and kill end the program in order, even if the parent ignored them."""

    def handler(number: int, frame: FrameType | None) -> None:
        # A second signal must not interrupt the cleanup.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, handler)


@contextmanager
def services_of(instance: Instance, web_port: int) -> Iterator[dict[str, Any]]:
    """PostgreSQL, Redis and Solr, while the block runs.

    :param web_port: what the configuration says of the portal's address
    :returns: the running services by name, to which more can be added
    """
    ports = {name: free_port() for name in ("postgresql", "redis", "solr")}
    write_ini(instance, {**ports, "web": web_port})
    instance.processes.remember("Supervisor", os.getpid())
    running: dict[str, Any] = {}
    try:
        for make in (services.postgresql, services.redis, services.solr):
            _start(make(instance, ports[make.__name__]), instance, running)
        yield running
    finally:
        for name, executor in reversed(running.items()):
            _report_ended(name, executor, instance)
            services.stop(executor)
        instance.processes.path.unlink(missing_ok=True)


def _report_ended(name: str, executor: Any, instance: Instance) -> None:
    """Report a service that ended by itself, because everything that used it failed."""
    code = executor.process.poll() if executor.process else None
    if code is None:
        return
    say(f"! {name} ended by itself, with exit code {code}. The last lines of its log:")
    for line in last_lines(instance.logs / f"{name}.log"):
        say(f"    {line}")


def _start(service: services.Service, instance: Instance, running: dict[str, Any]) -> None:
    with step(f"Start {service.name}"):
        running[service.name] = services.start(service, instance)


def clear(instance: Instance) -> None:
    """End the processes that a killed run left behind."""
    left = instance.processes.clear()
    if left:
        say(f"- Ended what an earlier run had left: {', '.join(left)}")


def ckan(instance: Instance, what: str, *arguments: str) -> None:
    """Run a ckan command as a step of the setup."""
    advice = "the log says why; bin/portal reset makes everything anew (the demo's data go)"
    command = [VENV / "bin" / "ckan", *arguments]
    with step(what):
        environment = services.ckan_environment(instance)
        run(what, command, instance.logs / "set-up.log", advice, environment, ROOT)


def make_database(instance: Instance) -> None:
    """Create or upgrade CKAN's tables."""
    import psycopg2

    url = setting(instance.ini, "sqlalchemy.url")
    connection = psycopg2.connect(url.rpartition("/")[0] + "/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'ckan'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE DATABASE ckan")
    connection.close()
    ckan(instance, "Make or upgrade CKAN's tables", "db", "init")


def up(instance: Instance, empty: bool, port: int) -> int:
    """Run the demo until someone ends it.

    :param empty: without the seed's records
    :param port: where the portal listens
    :returns: the exit code
    :raises StepFailed: when a step fails or a service ends by itself
    """
    end_by_signals()
    ready = instance.folder / READY
    try:
        with instance.held() as free:
            if not free:
                advice = "wait for it, or end it with: bin/portal stop"
                raise StepFailed("start the portal", "another bin/portal is at work here", advice)
            ready.unlink(missing_ok=True)
            clear(instance)
            _check_web_port(port)
            _run(instance, empty, port, ready)
    except Stopped:
        say("\nStopped.")
    finally:
        ready.unlink(missing_ok=True)
    return 0


def _check_web_port(port: int) -> None:
    if port_taken(port):
        raise StepFailed(
            "start the portal",
            f"another program listens at {HOST}:{port}",
            f"end that program, or take another port: bin/portal up --port {port + 1}",
        )


def _run(instance: Instance, empty: bool, port: int, ready: Path) -> None:
    started = time.monotonic()
    with services_of(instance, port) as running:
        make_database(instance)
        ckan(instance, "Prepare the shared schema", "civicswitchboard", "init")
        if not empty:
            ckan(instance, "Seed the demo's partners and datasets", "civicswitchboard", "seed")
        for service in (services.web(instance, port), services.worker(instance)):
            _start(service, instance, running)
        say(_welcome(time.monotonic() - started, empty, port))
        ready.touch()
        _watch(instance, running)


def _welcome(seconds: float, empty: bool, port: int) -> str:
    lines = [f"\nThe portal is at http://{HOST}:{port} (after {seconds:.0f} s)."]
    if not empty:
        lines.append(f"Accounts, each with the password civicswitchboard: {ACCOUNTS}.")
    lines.append("Ctrl-C or `bin/portal stop` ends it.")
    return "\n".join(lines)


def _watch(instance: Instance, running: dict[str, Any]) -> None:
    """Wait until a service ends; that ends the portal."""
    while True:
        for name, executor in running.items():
            if not executor.running():
                # The last lines of its log are shown when the services are stopped.
                advice = "start it again with: bin/portal up"
                raise StepFailed("keep the portal running", f"{name} ended", advice)
        time.sleep(1)


def detached(instance: Instance, empty: bool, port: int) -> int:
    """Start the demo in its own session and return when it's ready.

    :returns: the exit code
    """
    log = instance.logs / "portal.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    ready = instance.folder / READY
    # One left by a killed run would be mistaken for this one's.
    ready.unlink(missing_ok=True)
    command = [sys.executable, str(ROOT / "bin" / "portal"), "up", "--port", str(port)]
    command += ["--empty"] * empty
    with log.open("wb") as out:
        child = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    with log.open(encoding="utf-8", errors="replace") as text:
        try:
            _until(
                lambda: ready.exists() or child.poll() is not None,
                lambda: print(text.read(), end="", flush=True),
            )
        except KeyboardInterrupt:
            end(child.pid)
            raise
        print(text.read(), end="", flush=True)
    # If it ended, the log that was just shown says why.
    return 1 if child.poll() else 0


def _until(done: Callable[[], bool], meanwhile: Callable[[], None]) -> None:
    while not done():
        meanwhile()
        time.sleep(0.3)


def test(arguments: list[str]) -> int:
    """Run pytest with its own services.

    :param arguments: pytest's. Without named tests, only the quick ones run; ``--all`` runs the slow ones too
    :returns: pytest's exit code
    """
    end_by_signals()
    named = any((ROOT / argument.partition("::")[0]).exists() for argument in arguments)
    options = [argument for argument in arguments if argument != "--all"]
    if not named and "--all" not in arguments and "-m" not in arguments:
        options += ["-m", "not slow"]
    try:
        with ExitStack() as lanes:
            return _pytest([lanes.enter_context(_lane()) for _ in range(_count_lanes(named))], options)
    except Stopped:
        say("\nStopped.")
        return 130


def _count_lanes(named: bool) -> int:
    """Two lanes for all tests if there are two processors, one lane for named tests."""
    return 1 if named or (os.cpu_count() or 1) < 2 else 2


@contextmanager
def _lane() -> Iterator[Instance]:
    """Services and tables for a lane of tests."""
    with free_instance("test") as instance:
        clear(instance)
        try:
            with services_of(instance, free_port()):
                make_database(instance)
                yield instance
        finally:
            # Tests that are ended leave processes behind: a web process, a worker.
            instance.processes.clear()


def _pytest(lanes: list[Instance], arguments: list[str]) -> int:
    say("- Test" if len(lanes) == 1 else f"- Test in {len(lanes)} lanes, a file of tests in one of them")
    command = [str(VENV / "bin" / "pytest"), *arguments]
    if len(lanes) > 1:
        # In the order of the files, because the browser tests, which take longest, come early.
        command += ["--dist=loadfile", "--no-loadscope-reorder"]
        command += [f"--tx=popen//env:CKAN_INI={lane.ini}//env:{MARK}={lane.folder}" for lane in lanes]
    environment = {**os.environ, **services.ckan_environment(lanes[0]), MARK: str(lanes[0].folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
