"""When two names mean the same thing."""
from __future__ import annotations

import pytest

from ckanext.civicswitchboard.core.related.text import fold, singular, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wi-Fi", "wifi"),
        ("libraries", "Library"),
        ("green-infrastructure", "Green Infrastructure"),
        ("storm water", "stormwater"),
        ("Businesses", "business"),
        ("Civic Vitality & Governance", "civic vitality and governance"),
        ("City of Harrow Bend", "city harrow bend"),
        ("Cafés", "cafe"),
        ("people's choice", "peoples choice"),
        ("public safety  justice", "public safety and justice"),
    ],
)
def test_the_same(one: str, other: str):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("bus", "bu"), ("transit", "transition"), ("water", "waters edge"), ("school", "pool")]
)
def test_not_the_same(one: str, other: str):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("word", ["bus", "census", "glass", "analysis", "gas", "news", "us"])
def test_an_s_that_is_no_plural_stays(word: str):
    assert singular(word) == word


def test_words_keep_their_order_and_how_they_are_written():
    assert list(words("Bridges of the Tamber-Valley").items()) == [
        ("bridge", "Bridges"),
        ("tambervalley", "TamberValley"),
    ]


@pytest.mark.parametrize("text", ["", "---", "&", "💧", "\x00", "of the"])
def test_a_text_without_words_is_no_name(text: str):
    assert fold(text) == ""
