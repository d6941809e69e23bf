"""Reasons: rare, shared, and never the publisher or the region."""
from __future__ import annotations

from dataclasses import replace

import pytest

from ckanext.civicswitchboard.core.related import reasons
from ckanext.civicswitchboard.core.related.reasons import KINDS, Common, Comparable, Facts, Seeker, count


def common(held_by: int, total: int, facts: Facts) -> Common:
    """A portal in which so many of all datasets are like this one."""
    others = [Facts(f"Other {number}") for number in range(total - held_by)]
    return Common(*count([*[facts] * held_by, *others]))


def told(one: Facts, other: Facts, known: Common | None = None) -> list[str]:
    return [
        reason.wording.format(things=", ".join(thing.text for thing in reason.things))
        for reason in Seeker(one, known or Common(50)).reasons(Comparable(other))
    ]


SHARED = {
    "place": (Facts("A", places=("Quarry Hill",)), "same place: Quarry Hill"),
    "tag": (Facts("A", tags=("library wifi",)), "both about library wifi"),
    "word": (Facts("Trolleys"), "both about Trolleys"),
    "collection": (Facts("A", collection="Survey Records"), "both from the collection Survey Records"),
    "decade": (Facts("A", decades=(1970,)), "also from the 1970s"),
    "theme": (Facts("A", themes={"health": "Health"}), "both about Health"),
    "group": (Facts("A", groups={"civic": "Civic Life"}), "both in Civic Life"),
}


def test_every_kind_is_tried_here():
    assert {kind.name for kind in KINDS} == SHARED.keys()


@pytest.mark.parametrize("kind", SHARED)
def test_a_shared_thing_is_named(kind: str):
    facts, words = SHARED[kind]
    assert told(facts, facts) == [words]


@pytest.mark.parametrize("kind", SHARED)
def test_nothing_shared_is_no_reason(kind: str):
    assert told(SHARED[kind][0], Facts("B")) == []


@pytest.mark.parametrize("kind", sorted(SHARED.keys() - {"word"}))
@pytest.mark.parametrize(
    ("held_by", "total", "is_reason"),
    [(4, 5, True), (5, 25, True), (6, 25, False), (5, 24, False), (9, 45, True)],
)
def test_what_more_than_a_fifth_share_is_none_once_they_are_five(
    kind: str, held_by: int, total: int, is_reason: bool
):
    facts, words = SHARED[kind]
    found = told(facts, facts, common(held_by, total, facts))
    assert found == ([words] if is_reason else [])


@pytest.mark.parametrize(("held_by", "is_reason"), [(5, True), (6, False)])
def test_a_word_of_titles_has_to_be_rarer(held_by: int, is_reason: bool):
    facts = SHARED["word"][0]
    assert bool(told(facts, facts, common(held_by, 100, facts))) is is_reason


def in_civic_life(kind: str) -> tuple[Facts, Facts, Facts, Common, Common]:
    """Three records of a group or theme, of which the first and the last share a word; a crowd's and a few records'."""
    civic = {kind: {"civic": "Civic Life"}}
    wifi = Facts("Branch wifi", notes="Sessions of a day", **civic)
    sewers = Facts("Sewers", notes="Pipes below the ground", **civic)
    hotspots = Facts("Hotspots", notes="Where Wi-Fi is found", **civic)
    return wifi, sewers, hotspots, *(common(held_by, 200, Facts("C", **civic)) for held_by in (10, 9))


def test_a_crowds_group_without_a_word_beside_it_is_the_last_of_reasons():
    wifi, sewers, hotspots, crowd, few = in_civic_life("groups")
    for one, other, of, is_last in (
        (wifi, sewers, crowd, True), (wifi, hotspots, crowd, False), (hotspots, wifi, crowd, False), (wifi, sewers, few, False),
    ):  # fmt: skip
        assert told(one, other, of) == ["both in Civic Life"]
        assert reasons.last(Seeker(one, of).reasons(Comparable(other))) is is_last


def test_a_crowds_theme_needs_a_word_beside_it():
    wifi, sewers, hotspots, crowd, few = in_civic_life("themes")
    assert told(wifi, sewers, crowd) == []
    assert told(wifi, hotspots, crowd) == told(hotspots, wifi, crowd) == ["both about Civic Life"]
    assert told(wifi, sewers, few) == ["both about Civic Life"]


def test_one_of_very_many_tags_needs_a_word_beside_it():
    many = Facts("Places", tags=("ferries", *(f"thing {chr(97 + n)}" for n in range(15))))
    assert told(many, Facts("Boats", tags=("ferries",))) == []
    assert told(many, Facts("Boats", tags=("ferries",), notes="From many places")) == ["both about ferries"]
    assert told(many, Facts("Boats", tags=("ferries", "thing b"))) == ["both about ferries, thing b"]


def test_the_region_is_found_by_how_often_it_is_named():
    known = common(10, 30, Facts("Tamber County Roads", tags=("tamber-county", "Tamber")))
    one = Facts("Tamber County Bridges", tags=("Tamber County", "tamber"), places=("Tamber County",))
    assert told(one, one, known) == ["both about Bridges"]


def test_the_publisher_is_no_reason():
    facts = Facts("A", tags=("Port Office", "ferries"), publisher=("port-office", "Port Office"))
    assert told(facts, facts) == ["both about ferries"]
    other = replace(facts, publisher=("harbor", "Harbor"))
    assert told(other, facts) == ["both about ferries"]


def test_what_is_stopped_is_no_reason():
    facts = Facts("A", tags=("harvested", "_etl", "ferries"))
    known = Common(50, {}, frozenset({"harvested"}))
    assert told(facts, facts, known) == ["both about ferries"]


@pytest.mark.parametrize("tag", ["map", "Data", "2019", "GIS data", "locations", "2019-2020"])
def test_a_general_word_or_a_number_is_no_reason(tag: str):
    facts = Facts(tag, tags=(tag,))
    assert told(facts, facts) == []


def test_what_has_a_name_may_have_it_of_general_words():
    facts = Facts("A", groups={"a": "Local Government", "b": "Other"}, collection="Survey Records")
    assert told(facts, facts) == ["both from the collection Survey Records", "both in Local Government"]


def test_a_weak_word_of_titles_counts_in_company_alone():
    one, other = Facts("Green Infrastructure Siting"), Facts("Green Infrastructure Projects")
    assert told(one, other) == ["both about Green Infrastructure"]
    assert told(one, Facts("Village Green")) == []


def test_a_thing_is_told_once_and_by_its_longest_name():
    one = Facts("Transit", tags=("transit", "public transit", "Bus"), themes={"bus": "Bus"})
    assert told(one, one) == ["both about Bus, public transit"]


def test_reasons_speak_in_the_words_of_the_page():
    one, other = Facts("A", tags=("Bicycles",)), Facts("B", tags=("bicycle",))
    assert told(one, other) == ["both about Bicycles"]
    assert told(other, one) == ["both about bicycle"]


def test_a_word_of_many_meanings_needs_another_beside_it():
    scales = Facts("Weights and measures", tags=("Inspections",))
    houses = Facts("Tenement inspection reports", tags=("inspection",))
    assert told(scales, houses) == told(houses, scales) == []
    bakers = Facts("Inspections of bakeries", notes="Their scales, and their weights.")
    assert told(scales, Facts("Bakeries", tags=("inspections",), notes=bakers.notes)) == ["both about Inspections"]
    assert told(Facts("Inspections of mills"), bakers) == []
    assert told(Facts("Inspections, weights"), bakers) == ["both about Inspections"]


def test_at_most_three_things_are_named():
    facts = Facts("A", tags=("ferries", "trams", "canals", "locks"))
    assert told(facts, facts) == ["both about canals, ferries, locks"]


def test_rarer_and_more_weighs_more():
    rare, frequent = Facts("A", tags=("ferries",)), Facts("A", tags=("trams",))
    both = Facts("A", tags=("ferries", "trams"))
    known = Common(100, {("tag", "tram"): 9, ("tag", "ferry"): 2})
    seeker = Seeker(both, known)
    weights = [reasons.weight(seeker.reasons(Comparable(other))) for other in (both, rare, frequent)]
    assert weights == sorted(weights, reverse=True) and len(set(weights)) == 3


@pytest.mark.parametrize("text", ["", "   ", "💧💧", "\x00", "(" * 500, "a" * 5000])
def test_odd_texts_do_no_harm(text: str):
    facts = Facts(text, tags=(text,), places=(text,), collection=text, notes=text)
    told(facts, facts)
