"""Patterns in RE2, whose matching time is linear in the text: no pattern can hang a save."""
from __future__ import annotations

from typing import Any

import re2

_OPTIONS = re2.Options()
# RE2 otherwise writes a faulty pattern to the standard error stream.
_OPTIONS.log_errors = False


def compile_pattern(pattern: str) -> Any:
    """A compiled RE2 pattern.

    :raises ValueError: with RE2's words when the pattern cannot be read
    """
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value has the form that the pattern describes."""
    return compile_pattern(pattern).fullmatch(value) is not None
