"""What an answer says about an input, and how far the input came."""
from __future__ import annotations

import logging
import os
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckan import authz

MOST_SECONDS = 10.0
# In so many inputs a portal changes little enough for most calls to succeed still.
ROUND = 100
OURS = "ckanext/civicswitchboard/"


class Watch:
    """Which actions an input got into, and what was logged as an error on the way."""

    def __init__(self) -> None:
        self.entered: set[str] = set()
        self.errors: list[BaseException] = []

    def begin(self) -> None:
        """Forget what came before the next input."""
        self.entered.clear()
        self.errors.clear()


class _Errors(logging.Handler):
    def __init__(self, errors: list[BaseException]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            self._errors.append(record.exc_info[1])


@contextmanager
def watching(monkeypatch: Any) -> Iterator[Watch]:
    """Watch every action's question whether its caller may call it."""
    watch, asked = Watch(), authz.is_authorized

    def is_authorized(action: str, context: Any, data_dict: Any = None) -> Any:
        answer = asked(action, context, data_dict)
        if answer.get("success"):
            watch.entered.add(action)
        return answer

    log = logging.getLogger("ckan.views.api")
    log.addHandler(_Errors(watch.errors))
    with monkeypatch.context() as patch:
        patch.setattr(authz, "is_authorized", is_authorized)
        # CKAN's migrations disable every logger that they do not name.
        patch.setattr(log, "disabled", False)
        try:
            yield watch
        finally:
            log.removeHandler(log.handlers[-1])


def reached(action: str, entered: set[str], status: int) -> bool:
    """Whether an input reached an action's body.

    An action of ours asks who calls it when its schema has accepted the input: an input that is
    authorized is in its body. Core's actions ask first and validate then: one of theirs that we
    chain is reached where the caller was authorized and the answer is no validation error.
    """
    if action not in entered:
        return False
    return action.startswith("civicswitchboard_") or status != 409


@dataclass
class Fault:
    """An input that was answered wrongly.

    :ivar signature: names its cause: the innermost function of ours and of anybody's on the way to the error
    """

    signature: str
    sent: str
    error: str


@dataclass
class Score:
    """What came of all inputs."""

    inputs: int = 0
    from_success: int = 0
    actions: int = 0
    reached: int = 0
    from_success_actions: int = 0
    from_success_reached: int = 0
    pages: int = 0
    pages_shown: int = 0
    slowest: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)

    def count(self, sent: Any, is_action: bool, status: int, seconds: float, entered: set[str]) -> None:
        """Take in an answer."""
        self.inputs += 1
        self.from_success += sent.from_success
        self.statuses[status] += 1
        self.slowest = max(self.slowest, seconds)
        self.targets.add(sent.target)
        if is_action:
            got_there = reached(sent.target, entered, status)
            self.actions += 1
            self.reached += got_there
            self.from_success_actions += sent.from_success
            self.from_success_reached += sent.from_success and got_there
        else:
            self.pages += 1
            self.pages_shown += status < 400

    def lines(self) -> list[str]:
        """The score in words."""
        statuses = ", ".join(f"{status}: {number}" for status, number in sorted(self.statuses.items()))
        told = [
            f"{self.inputs} inputs to {len(self.targets)} actions and pages,"
            f" {_share(self.from_success, self.inputs)} of them changes of a call that succeeds",
            f"reached an action's body: {_share(self.reached, self.actions)} of the calls of actions,"
            f" {_share(self.from_success_reached, self.from_success_actions)} of those that change a call that succeeds",
            f"shown or done by a page: {_share(self.pages_shown, self.pages)}",
            f"answers: {statuses}; the slowest took {self.slowest:.1f} s",
            f"wrong answers: {len(self.faults)}; known faults of CKAN itself: {sum(self.known.values())}",
        ]
        return told + [f"  {number} × {name}" for name, number in self.known.most_common()]


SCORE = Score()


def _share(part: int, of: int) -> str:
    return f"{part} of {of} ({part / max(of, 1):.0%})"


def fault(sent: Any, status: int, seconds: float, errors: list[BaseException], body: str) -> Fault | None:
    """What is wrong with an answer, None when nothing is."""
    if status < 500 and seconds <= MOST_SECONDS:
        return None
    if seconds > MOST_SECONDS:
        return Fault(f"took {seconds:.0f} s: {sent.target}", str(sent), f"status {status}")
    if not errors:
        return Fault(f"{status} {sent.target}: {body[:300]}", str(sent), body[:300])
    return Fault(signature(errors[-1]), str(sent), f"{type(errors[-1]).__name__}: {str(errors[-1])[:300]}")


def signature(error: BaseException) -> str:
    """Names the cause of an error: where it was raised, and the last function of ours on the way."""
    frames = [(_short(each.filename), each.name) for each in traceback.extract_tb(error.__traceback__)]
    own = [f"{file}:{name}" for file, name in frames if OURS in file or ("tests/" not in file and OURS in file)]
    last = next((f"{file}:{name}" for file, name in reversed(frames) if file.startswith(("ckan/", "ckanext/"))), "")
    return f"{type(error).__name__} in {last}" + (f" by way of {own[-1]}" if own and own[-1] != last else "")


def _short(file: str) -> str:
    parts = Path(os.path.normpath(file)).parts
    for name in ("ckanext", "ckan"):
        if name in parts:
            return "/".join(parts[parts.index(name):])
    return "/".join(parts[-2:])


def grouped(faults: list[Fault]) -> str:
    """Faults by their cause, each with some inputs."""
    by_cause: dict[str, list[Fault]] = defaultdict(list)
    for each in faults:
        by_cause[each.signature].append(each)
    told = []
    for cause, found in sorted(by_cause.items(), key=lambda pair: -len(pair[1])):
        told.append(f"{len(found)} × {cause}")
        told += [f"    {each.error}\n      {each.sent}" for each in found[:2]]
    return "\n".join(told)
