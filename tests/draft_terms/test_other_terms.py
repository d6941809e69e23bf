"""Terms that name others, of a vocabulary with too many terms for a list."""
from __future__ import annotations

import json
from typing import Any

import pytest
from draft_terms.test_pages import Desk, desk, term, vocabulary
from support.editing import act, current_document, publish

__all__ = ["desk"]

TOPICS = "/vocabularies/topics"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def topics(desk: Desk) -> Desk:
    """A draft with 250 topics, of which two are called the same, one after it is no longer offered."""
    draft = act("schema_draft_show")
    terms = [{"id": f"t{n}", "value": f"topic-{n}", "label": f"Topic {n}"} for n in range(250)]
    # An id may be another term's value.
    terms[5]["id"] = "topic-6"
    terms[7]["label"] = terms[8]["label"] = "Twice"
    terms[9].update(label="Topic 10", state="retired")
    draft["document"]["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    act("schema_draft_update", revision=draft["revision"], document=draft["document"])
    return desk


def shown(desk: Desk, name: str) -> Any:
    return desk.soup.select_one(f"fieldset[data-name={name}_term]")


def typed_in(desk: Desk, name: str) -> str:
    return str(shown(desk, name).select_one("[data-input]")["value"])


def test_a_form_searches_the_draft_and_lists_none_of_the_terms(topics: Desk) -> None:
    html = topics.get(f"{TOPICS}?term=t20")
    assert html.count("Topic 249") == 0 and not topics.soup.select(".csw-term-open select")
    names = [each["data-name"] for each in topics.soup.select(".csw-term-open fieldset.csw-term-search")]
    assert names == ["broader_term", "after_term", "replaced_by_term", "into_term"]
    assert "version=draft" in shown(topics, "broader")["data-source"]
    assert "include_retired" in shown(topics, "after")["data-source"]
    link = shown(topics, "into").select_one("a.csw-all-terms")["href"]
    assert link == "/metadata-schema/draft/vocabularies/topics"
    ids = [each["id"] for each in topics.soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_short_vocabulary_keeps_its_lists(desk: Desk) -> None:
    desk.get("/vocabularies/theme?term=health")
    assert [each["name"] for each in desk.soup.select(".csw-term-open select")] == [
        "broader", "after", "replaced_by", "into"
    ]
    assert desk.soup.select_one("select[name=into] option[value=health]") is None
    assert desk.soup.select_one("select[name=into] option")["value"] != ""
    assert desk.soup.select_one("select[name=broader] option")["value"] == ""


@pytest.mark.parametrize(("text", "found"), [
    ("topic-30", "t30"), (" topic  30 ", "t30"), ("TOPIC 30", "t30"),
    ("topic-6", "t6"),  # a value goes before an id
    ("Topic 10", "t10"),  # the one on offer
])
def test_a_value_or_label_names_the_other_term(topics: Desk, text: str, found: str) -> None:
    topics.post(TOPICS, set="", term="t20", label="Topic 20", broader_term=text)
    assert term("topics", "t20").broader == found
    topics.get(f"{TOPICS}?term=t20")
    assert typed_in(topics, "broader") == term("topics", found).value
    topics.post(TOPICS, set="", term="t20", label="Topic 20", broader_term="")
    assert term("topics", "t20").broader == ""


def test_terms_are_replaced_merged_and_moved(topics: Desk) -> None:
    topics.post(TOPICS, retire="", term="t20", replaced_by_term="Topic 30")
    assert (term("topics", "t20").state, term("topics", "t20").replaced_by) == ("retired", "t30")
    topics.post(TOPICS, merge="", term="t21", into_term="topic-30")
    assert term("topics", "t21").merged_into == "t30"
    topics.post(TOPICS, place="", term="t22", after_term="topic-9")
    assert [each.id for each in vocabulary("topics").terms[9:12]] == ["t9", "t22", "t10"]
    topics.post(TOPICS, place="", term="t22", after_term="")
    assert vocabulary("topics").terms[0].id == "t22"


@pytest.mark.parametrize(("button", "name"), [
    ("set", "broader"), ("retire", "replaced_by"), ("merge", "into"), ("place", "after"),
])
@pytest.mark.parametrize(("text", "message"), [
    ("Volcanoes <b>", "“Volcanoes <b>” isn't a term of this vocabulary"),
    ("twice", "More than one term is called “twice”. Type the stored value, such as topic-7, topic-8."),
])
def test_what_names_no_one_term_is_refused_and_kept(
    topics: Desk, button: str, name: str, text: str, message: str
) -> None:
    before = vocabulary("topics")
    given = {button: "", "term": "t20", "label": "Renamed", "definition": "Said anew", f"{name}_term": text}
    page = topics.post(TOPICS, **given)
    assert message in " ".join(shown(topics, name).get_text().split()) and page.count(message) == 2
    assert typed_in(topics, name) == text
    assert shown(topics, name).select_one("[data-input]")["aria-invalid"] == "true"
    if button == "set":
        assert topics.soup.select_one(".csw-term-open #label")["value"] == "Renamed"
        assert "Said anew" in topics.soup.select_one(".csw-term-open #definition").text
    assert vocabulary("topics") == before
    answer = topics.app.post(f"/metadata-schema/draft{TOPICS}", headers={**topics.headers, **HTMX},
                             data={"revision": str(act("schema_draft_show")["revision"]), **given})
    assert answer.headers["HX-Retarget"] == "#csw-draft-refused" and message.split("<")[0] in answer.body
    assert vocabulary("topics") == before


def test_a_form_that_is_shown_again_is_of_the_same_state(topics: Desk) -> None:
    seen = act("schema_draft_show")["revision"]
    topics.post(TOPICS, set="", term="t30", label="Changed meanwhile")
    topics.post(TOPICS, set="", term="t20", label="Renamed", broader_term="Volcanoes", revision=seen)
    assert topics.soup.select_one("#csw-term-form-t20 [name=revision]")["value"] == str(seen)


def test_a_merge_asks_for_a_term(topics: Desk) -> None:
    assert "Choose the term to merge into" in topics.post(TOPICS, merge="", term="t20", into_term="")
    assert term("topics", "t20").state == "active"


def test_a_search_finds_terms_no_longer_offered_when_asked(app: Any, curators: list[str]) -> None:
    document = current_document()
    terms = [{"id": "a", "value": "a", "label": "Rivers"}, {"id": "b", "value": "b", "label": "Rivers", "state": "retired"}]
    document["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    publish(document)

    def found(more: str) -> list[str]:
        path = f"/api/3/action/civicswitchboard_term_search?vocabulary=topics{more}"
        return [each["label"] for each in json.loads(app.get(path).body)["result"]["results"]]

    assert found("") == found("&q=river") == ["Rivers"]
    both = ["Rivers", "Rivers (no longer offered)"]
    assert found("&include_retired=true") == found("&include_retired=true&q=river") == both
