"""The command lines of `bin/portal` and `bin/test`."""
from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from ground import environment
from ground.environment import PYTHON, ROOT, VENV
from ground.instance import WEB_PORT, Instance, end
from ground.steps import StepFailed, say

DEMO = Instance("demo")
# Settings of another CKAN or Python in the caller's shell must not reach this one.
MISLEADING = ("CKAN", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def main(program: str, arguments: list[str]) -> int:
    """Run a command, and report a failed step in plain words.

    :param program: ``portal`` or ``test``
    :returns: the exit code
    """
    # Data, uploads and logs, including those of the services, are readable only by their owner.
    os.umask(0o077)
    try:
        return test(arguments) if program == "test" else portal(arguments)
    except StepFailed as failure:
        print(failure.report(), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def portal(arguments: list[str]) -> int:
    """`bin/portal up [--detach] [--empty] [--port N] | stop | status | reset | ckan ARGS…`."""
    parser = argparse.ArgumentParser(prog="bin/portal", description="The demo portal.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="set up what is missing and run the demo")
    up.add_argument("--detach", action="store_true", help="return when it is ready")
    up.add_argument("--empty", action="store_true", help="without the demo's records")
    up.add_argument("--port", type=int, default=WEB_PORT, help=f"where it listens ({WEB_PORT})")
    commands.add_parser("stop", help="end the running demo")
    commands.add_parser("status", help="say what runs")
    commands.add_parser("reset", help="delete the demo's data")
    commands.add_parser("ckan", help="run a ckan command in the running demo", add_help=False)
    if arguments[:1] == ["ckan"]:
        return _ckan(arguments[1:])
    options = parser.parse_args(arguments)
    if options.command == "up":
        return _up(options.detach, options.empty, options.port)
    return {"stop": _stop, "status": _status, "reset": _reset}[options.command]()


def test(arguments: list[str]) -> int:
    """`bin/test [pytest arguments]`."""
    _enter("test", arguments, tests=True)
    from ground import browser, running

    browser.prepare()
    return running.test(arguments)


def _enter(program: str, arguments: list[str], tests: bool = False) -> None:
    """Continue inside the locked environment, creating it first if needed."""
    if Path(sys.prefix) == VENV:
        return
    for name in [each for each in os.environ if each.startswith(MISLEADING)]:
        del os.environ[name]
    environment.prepare(tests)
    command = [str(PYTHON), str(ROOT / "bin" / program), *arguments]
    sys.stdout.flush()
    os.execv(command[0], command)


def _up(detach: bool, empty: bool, port: int) -> int:
    if "Supervisor" in DEMO.processes.alive():
        say(f"The portal is running already, at {DEMO.address}.")
        return 0
    flags = ["--detach"] * detach + ["--empty"] * empty + ["--port", str(port)]
    _enter("portal", ["up", *flags])
    from ground import running

    return (running.detached if detach else running.up)(DEMO, empty, port)


def _stop() -> int:
    supervisor = DEMO.processes.alive().get("Supervisor")
    if supervisor is not None:
        end(supervisor)
    left = DEMO.processes.clear()
    say("Stopped." if supervisor or left else "Nothing was running.")
    return 0


def _status() -> int:
    alive = DEMO.processes.alive()
    if "Supervisor" not in alive:
        say("The portal is not running. Start it with: bin/portal up")
        return 1
    say(f"The portal runs at {DEMO.address}:")
    for name, pid in alive.items():
        say(f"  {name} (process {pid})")
    return 0


def _reset() -> int:
    if DEMO.processes.alive():
        _stop()
    shutil.rmtree(DEMO.folder, ignore_errors=True)
    say(f"The demo's data are deleted ({DEMO.folder.relative_to(ROOT)}).")
    return 0


def _ckan(arguments: list[str]) -> int:
    if not DEMO.processes.alive() or not DEMO.ini.exists():
        raise StepFailed(
            "run a ckan command", "the portal is not running", "start it with: bin/portal up"
        )
    _enter("portal", ["ckan", *arguments])
    from ground import services

    command = [str(VENV / "bin" / "ckan"), *arguments]
    os.execve(command[0], command, {**os.environ, **services.ckan_environment(DEMO)})
