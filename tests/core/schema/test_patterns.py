"""Patterns: the whole value, in linear time, and a clear refusal."""
from __future__ import annotations

import time

import pytest

from ckanext.civicswitchboard.core.schema.patterns import compile_pattern, matches


def test_the_whole_value_has_to_fit() -> None:
    assert matches(r"\d{4}", "1974")
    assert not matches(r"\d{4}", "1974-77")
    assert not matches(r"\d{4}", "1974\n")


def test_letters_of_every_language_count() -> None:
    assert matches(r"\p{L}+", "Příbram")


def test_a_pattern_that_hangs_others_does_not_hang_here() -> None:
    started = time.monotonic()
    assert not matches(r"(a+)+b", "a" * 100_000)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("pattern", ["(", "[a", "a{1001}", r"(?=a)", r"\1"])
def test_a_faulty_pattern_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        compile_pattern(pattern)
