"""Forms of repairs of a vocabulary with too many terms for a list: they are searched, or typed."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from repairs.conftest import stored
from repairs.test_pages import PAGE, curator, page_of, started
from support.editing import current_document, publish, with_field
from words.reading import text

from ckanext.civicswitchboard.repairs import runner

__all__ = ["curator"]

pytestmark = [pytest.mark.usefixtures("portal")]


@pytest.fixture
def topics(curator: dict[str, str]) -> dict[str, str]:
    """A field with 250 topics, of which two are called the same and one is no longer offered; headers of a curator."""
    document = current_document()
    terms = [{"id": f"t{n}", "value": f"topic-{n}", "label": f"Topic {n}"} for n in range(250)]
    # An id may be another term's value.
    terms[5]["id"] = "topic-6"
    terms[7]["label"] = terms[8]["label"] = "Twice"
    terms[9].update(label="Old topic", state="retired")
    document["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    publish(with_field(document, field_name="topic", label="Topic", preset="select", vocabulary="topics"))
    for number in (1, 2, 5):
        factories.Dataset(name=f"dataset-{number}", owner_org="county", license_id="cc-by", topic=f"topic-{number}")
    return curator


def search(page: BeautifulSoup, name: str) -> Any:
    return page.select_one(f"fieldset.csw-term-search[data-name={name}]")


def held(page: BeautifulSoup, name: str) -> str:
    return str(search(page, name).select_one("[data-input]")["value"])


MERGE = {"kind": "merge_terms", "vocabulary": "topics"}
MAP = {"kind": "map_values", "field": "topic"}


@pytest.mark.parametrize(("query", "names"), [
    ("kind=merge_terms&vocabulary=topics", ["term_term", "into_term"]),
    ("kind=map_values&field=topic", ["new", "new", "new"]),
    ("kind=set_default&field=topic", ["value"]),
])  # fmt: skip
def test_a_form_searches_terms_and_lists_none(app: Any, topics: dict[str, str], query: str, names: list[str]) -> None:
    page = page_of(app, f"{PAGE}/new?{query}", topics)
    found = page.select("fieldset.csw-term-search")
    assert [each["data-name"] for each in found] == names
    assert "Topic 100" not in str(page)
    assert all("vocabulary=topics" in each["data-source"] for each in found)
    # A term that goes may be one that is no longer offered.
    assert ["include_retired" in each["data-source"] for each in found] == [name == "term_term" for name in names]
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_short_vocabulary_keeps_its_lists(app: Any, topics: dict[str, str]) -> None:
    page = page_of(app, f"{PAGE}/new?kind=merge_terms&vocabulary=theme", topics)
    assert page.select_one("select[name=into] option[value=energy]") and not page.select(".csw-term-search")


def test_the_address_names_terms_by_id(app: Any, topics: dict[str, str]) -> None:
    page = page_of(app, f"{PAGE}/new?kind=merge_terms&vocabulary=topics&term=topic-6&into=t9", topics)
    assert (held(page, "term_term"), held(page, "into_term")) == ("topic-5", "topic-9")
    chosen = [each.get_text() for each in page.select("[data-chosen] [data-label]")]
    assert chosen == ["Topic 5", "Old topic (no longer offered)"]


@pytest.mark.parametrize(("term", "into", "number", "becomes"), [
    ("topic-1", "Topic 2", 1, "topic-2"),
    (" TOPIC  1", "topic-6", 1, "topic-6"),  # a value goes before an id
    ("topic-5", "topic-2", 5, "topic-2"),
])  # fmt: skip
def test_terms_are_merged_by_value_or_label(
    app: Any, topics: dict[str, str], term: str, into: str, number: int, becomes: str
) -> None:
    form = {**MERGE, "term_term": term, "into_term": into}
    shown = text(app.post(f"{PAGE}/new", headers=topics, data={**form, "do": "preview"}))
    assert "Repair 1 record" in shown
    app.post(f"{PAGE}/new", headers=topics, data={**form, "do": "start"})
    runner.work(started())
    assert stored(f"dataset-{number}")["topic"] == becomes


def test_values_are_replaced_by_a_value_or_label(app: Any, topics: dict[str, str]) -> None:
    form = {**MAP, "old": ["topic-1", "topic-2", "topic-5"], "new": ["topic 30", "", "topic-6"], "do": "start"}
    app.post(f"{PAGE}/new", headers=topics, data=form)
    runner.work(started())
    assert [stored(f"dataset-{number}")["topic"] for number in (1, 2, 5)] == ["topic-30", "topic-2", "topic-6"]


@pytest.mark.parametrize(("form", "name", "question"), [
    ({**MERGE, "term_term": "topic-1", "into_term": "TEXT"}, "into_term", "Term to keep"),
    ({**MERGE, "term_term": "TEXT", "into_term": "topic-1"}, "term_term", "Term to merge"),
    ({"kind": "set_default", "field": "topic", "value": "TEXT"}, "value", "Value for records without one"),
    ({**MAP, "old": "topic-1", "new": "TEXT"}, "new", "Values found"),
])  # fmt: skip
@pytest.mark.parametrize(("typed", "message"), [
    ("Volcanoes <b>", "“Volcanoes <b>” isn't a term of this vocabulary"),
    ("twice", "More than one term is called “twice”. Type the stored value, such as topic-7, topic-8."),
])  # fmt: skip
def test_what_names_no_one_term_is_refused_and_kept(
    app: Any, topics: dict[str, str], form: dict[str, str], name: str, question: str, typed: str, message: str
) -> None:
    sent = {key: typed if value == "TEXT" else value for key, value in form.items()}
    page = page_of(app, f"{PAGE}/new", topics, **sent, do="start")
    assert f"“{question}”: {message}" in page.select_one("[role=alert] li").get_text()
    kept = [each["value"] for each in page.select(f"[data-name={name}] [data-input]")]
    assert [value for value in kept if value] == [typed]
    other = {"into_term": "term_term", "term_term": "into_term"}.get(name)
    assert other is None or held(page, other) == "topic-1"
