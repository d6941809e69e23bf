"""Filters by partner, rewritten to organizations."""
from __future__ import annotations

import pytest

from ckanext.civicswitchboard.core.schema.filter_queries import (
    NOBODY,
    UnreadableFilter,
    rewrite,
    under_every_name,
)

WHO = {
    ("partner_type", "public_library"): {"branch", "both"},
    ("partner_type", "data_intermediary"): {"center", "both"},
    ("partner_sector", "library"): {"branch", "both"},
    ("partner_sector", "intermediary"): {"center", "both"},
    ("partner_sector", "government"): {"county"},
}
BRANCH = 'owner_org:(both OR branch)'
CENTER = 'owner_org:(both OR center)'


def resolve(field: str, value: str) -> frozenset[str]:
    return frozenset(WHO.get((field, value), ()))


@pytest.mark.parametrize(
    ("given", "rewritten"),
    [
        ('partner_type:"public_library"', BRANCH),
        ("partner_type:public_library", BRANCH),
        ('+partner_type:"public_library"', f"+{BRANCH}"),
        ('-partner_type:"public_library"', f"-{BRANCH}"),
        ('NOT partner_type:"public_library"', f"NOT {BRANCH}"),
        ('partner_type : "public_library"', BRANCH),
        ('(partner_type:"public_library")', f"({BRANCH})"),
        ('tags:"a" partner_type:"public_library" +state:active', f'tags:"a" {BRANCH} +state:active'),
        ('partner_type:("public_library" OR "data_intermediary")',
         'owner_org:(both OR branch OR center)'),
        ("partner_type:(public_library || data_intermediary)",
         'owner_org:(both OR branch OR center)'),
        ('partner_type:("public_library" AND "data_intermediary")', 'owner_org:(both)'),
        ('partner_type:("public_library" "data_intermediary")', 'owner_org:(both)'),
        ('partner_type:("public_library")', BRANCH),
        ('partner_type:"museum"', NOBODY),
        ('-partner_type:"museum"', f"-{NOBODY}"),
        ('partner_sector:"library"', BRANCH),
        (r'partner_type:"public\_library"', BRANCH),
    ],
)
def test_a_filter_names_the_organizations(given: str, rewritten: str) -> None:
    assert rewrite(given, resolve) == rewritten


def test_types_beside_each_other_narrow_as_facets_do() -> None:
    given = 'partner_type:"public_library" partner_type:"data_intermediary"'
    assert rewrite(given, resolve) == f"{BRANCH} {CENTER}"


def test_sectors_beside_each_other_mean_any_of_them() -> None:
    given = ' partner_sector:"library" tags:"x" partner_sector:"government" +dataset_type:dataset'
    everyone = 'owner_org:(both OR branch OR county)'
    assert rewrite(given, resolve) == f' {everyone} tags:"x"  +dataset_type:dataset'


@pytest.mark.parametrize(
    "given",
    [
        '+partner_sector:"library" +partner_sector:"intermediary"',
        'partner_sector:"library" AND partner_sector:"intermediary"',
        '(partner_sector:"library") (partner_sector:"intermediary")',
    ],
)
def test_sectors_that_are_joined_stay_as_they_are_joined(given: str) -> None:
    expected = given.replace('partner_sector:"library"', BRANCH)
    assert rewrite(given, resolve) == expected.replace('partner_sector:"intermediary"', CENTER)


@pytest.mark.parametrize(
    "given",
    [
        'title:"about partner_type:public_library"',
        'extras_partner_type:"public_library"',
        "my_partner_type:x",
        r'title:"a \" partner_type:x"',
        r"title:a\ partner_type",
        "partner_types:x",
        "",
    ],
)
def test_what_only_looks_like_one_stays(given: str) -> None:
    assert rewrite(given, resolve) == given


@pytest.mark.parametrize(
    "operand",
    [
        "*", "pub*", "[a TO b]", "/pub.*/", '"public_library"^2', '"public_library"~', '"a"b"', '"a',
        "", "()", "(a OR b AND c)", "(a OR b c)", "(NOT a)", "(a OR (b))", "(OR a)", "(a OR)", "(a",
        "(-a)", "AND", "a,b", "\u2028",
    ],
)
def test_a_form_that_cannot_be_rewritten_is_refused(operand: str) -> None:
    with pytest.raises(UnreadableFilter):
        rewrite(f"tags:x partner_type:{operand}", resolve)


def test_many_organizations_and_a_long_query_take_no_time() -> None:
    many = frozenset(f"org-{number}" for number in range(1000))
    found = rewrite('partner_type:"x" ' + 'tags:"y" ' * 2000, lambda *_: many)
    assert found.count("org-") == 1000


def test_names_that_would_mean_something_else_are_quoted() -> None:
    odd = frozenset({"-minus", "OR", 'a"b', "a b"})
    assert rewrite("partner_type:x", lambda *_: odd) == 'owner_org:("-minus" OR "OR" OR "a b" OR "ab")'


NAMES = dict.fromkeys(("vocab_series", "vocab_collection"), ("vocab_series", "vocab_collection"))
EITHER = '(vocab_series:{0} OR vocab_collection:{0})'


@pytest.mark.parametrize(
    ("given", "rewritten"),
    [
        ('vocab_series:"Ferry papers"', EITHER.format('"Ferry papers"')),
        ('vocab_collection:"Ferry papers"', EITHER.format('"Ferry papers"')),
        ('+vocab_series:"a" -vocab_series:b', f'+{EITHER.format(chr(34) + "a" + chr(34))} -{EITHER.format("b")}'),
        ("(vocab_series : b)", f"({EITHER.format('b')})"),
        (r'vocab_series:"a \" vocab_series:b"', EITHER.format(r'"a \" vocab_series:b"')),
        ('vocab_series:"a"^2 tags:"x"', EITHER.format('"a"') + '^2 tags:"x"'),
    ],
)
def test_a_value_is_looked_for_under_every_name_of_its_field(given: str, rewritten: str) -> None:
    assert under_every_name(given, NAMES) == rewritten


@pytest.mark.parametrize(
    "given",
    ['title:"about vocab_series:b"', "vocab_series_2:b", "my_vocab_series:b", "vocab_series:b*", "vocab_series:[a TO b]",
     r"title:a\vocab_series:b", 'vocab_series:"a', "vocab_other:b", ""],
)  # fmt: skip
def test_what_is_no_such_filter_stays(given: str) -> None:
    assert under_every_name(given, NAMES) == given
