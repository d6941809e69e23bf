"""Report each step, how long it took, and what to do if it failed."""
from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LAST_LINES = 15
# An occasional line shows that a long step is still running.
TICK_SECONDS = 20


class StepFailed(Exception):
    """A step of the setup failed.

    :ivar what: the step
    :ivar reason: what went wrong
    :ivar advice: what the reader can do
    :ivar log: a log whose last lines help, if there is one
    """

    def __init__(self, what: str, reason: str, advice: str, log: Path | None = None) -> None:
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.advice, self.log = what, reason, advice, log

    def report(self) -> str:
        """The full message for a terminal."""
        lines = [f"\nThis step failed: {self.what}", f"  {self.reason}"]
        if self.log and self.log.exists():
            lines.append(f"  The last lines of {self.log}:")
            lines += [f"    {line}" for line in last_lines(self.log)]
        return "\n".join([*lines, f"What to do: {self.advice}"])


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log file."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step, and print its time when it's done."""
    say(f"- {what} …")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def run(
    what: str,
    command: Sequence[str | Path],
    log: Path,
    advice: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a setup command with a progress line, and write its output to a log.

    :param what: the step, for a message
    :param command: the program and its arguments
    :param log: where its output goes (appended)
    :param advice: what to do when it fails
    :raises StepFailed: when the command cannot be run or exits with another code than 0
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
                cwd=cwd,
            )
        except OSError as error:
            raise StepFailed(what, str(error), advice) from error
        try:
            code = _wait(process)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if code:
        raise StepFailed(what, f"{command[0]} ended with exit code {code}", advice, log)


def _wait(process: subprocess.Popen[bytes]) -> int:
    started = time.monotonic()
    terminal = sys.stdout.isatty()
    pause = 1 if terminal else TICK_SECONDS
    while True:
        try:
            code = process.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            seconds = f"  … {time.monotonic() - started:.0f} s"
            print(f"\r{seconds}" if terminal else seconds, end="" if terminal else "\n", flush=True)
            continue
        if terminal:
            print("\r\033[K", end="", flush=True)
        return code
