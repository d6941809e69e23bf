"""Who can't read a record can't find out its values by what is counted, letter by letter."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from impact.writing import Row, write
from support.editing import act, changed, current_document
from support.people import People, enter_people

from ckanext.civicswitchboard import impact

pytestmark = [pytest.mark.usefixtures("clean_portal")]

SECRET, LETTERS = "hush", "hsux"
Raw = dict[str, Any]
# What an asker gets to see for a document.
Ask = Callable[[Raw], Any]


@pytest.fixture
def people() -> People:
    """The steward's people, and a private dataset of somebody else's with a value and a file that nobody of them
    may read."""
    people = enter_people()
    owner = factories.Organization()["id"]
    hidden = {"department": SECRET, "frequency_publishing": SECRET, "temporal_start": "2019", "temporal_end": "2018"}
    write([Row("secret", owner, {}, hidden, private=True)])
    return people


def letter_by_letter(ask: Ask, question: Callable[[str], Raw]) -> str:
    """As much of the value as can be learned.

    :param question: a document about values that begin with some letters
    """
    known = ""
    while len(known) < len(SECRET):
        answers = {letter: ask(question(known + letter)) for letter in LETTERS}
        odd = [letter for letter, answer in answers.items() if list(answers.values()).count(answer) == 1]
        if len(odd) != 1:
            return known
        known += odd[0]
    return known


def pattern(start: str) -> Raw:
    """A document in which the field takes only what begins so."""
    return changed(current_document(), "department", pattern=f"{start}.*", enforce="all")


def by_document(people: People, kind: str, _app: Any) -> Ask:
    return lambda document: figures(act("schema_impact", user=getattr(people, kind), document=document))


def by_draft(people: People, kind: str, _app: Any) -> Ask:
    def ask(document: Raw) -> Any:
        store(people, document)
        return figures(act("schema_impact", user=getattr(people, kind), version="draft"))

    return ask


def by_page(people: People, kind: str, app: Any) -> Ask:
    headers = people.headers(kind)

    def ask(document: Raw) -> Any:
        store(people, document)
        page = BeautifulSoup(app.get("/metadata-schema/review", headers=headers).body, "html.parser")
        for each in page.select("input, textarea, .csw-counted, .account, footer"):
            each.decompose()
        # The pattern itself is on it.
        return re.sub(r"[a-z]+\.\*", "", page.get_text(" ", strip=True)).split("Review", 1)[-1]

    return ask


def figures(answer: Raw) -> Any:
    """All that is counted, without the time that it took and the words of the question."""
    told = {"text", "before", "after"}
    changes = [{name: each[name] for name in each if name not in told} for each in answer["changes"]]
    return {**answer, "changes": changes, "seconds": 0}


def store(people: People, document: Raw) -> None:
    """Have an editor of the steward save it as the draft."""
    try:
        draft = act("schema_draft_show", user=people.editor)
    except Exception:
        draft = act("schema_draft_create", user=people.editor)
    act("schema_draft_update", user=people.editor, revision=draft["revision"], document=document)


@pytest.mark.parametrize("way", [by_document, by_draft, by_page])
def test_letters_of_a_hidden_value(app: Any, people: People, way: Any) -> None:
    assert letter_by_letter(way(people, "editor", app), pattern) == ""
    # The attack is one: it works for whom the counts are.
    assert letter_by_letter(way(people, "admin", app), pattern) == SECRET


def test_no_question_about_values_counts_what_the_asker_may_not_read(people: People) -> None:
    document = current_document()
    for changes in (
        {"pattern": "x.*", "enforce": "all"},
        {"missing_values": [SECRET], "expectation": "required", "enforce": "all"},
        {"preset": "select", "vocabulary": "frequency", "enforce": "all"},
        {"field_name": "office", "previous_names": ["department"]},
    ):
        asked = changed(document, "department", **changes)
        seen = act("schema_impact", user=people.editor, document=asked, include_drafts=True, include_deleted=True)
        assert seen["counted"] == "readable" and seen["datasets"] == seen["affected"] == 0, changes
        assert not any(each["values"] or each["organizations"] for each in seen["changes"])
        assert all(each["sample"] == 0 for each in seen["across_fields"])
        everything = act("schema_impact", user=people.admin, document=asked)
        assert everything["counted"] == "all" and everything["affected"] == 1, changes
        assert any(each["sample"] == 1 for each in everything["across_fields"])


def test_what_the_asker_may_read_is_counted(people: People) -> None:
    owner = act("steward_show")["organization_id"]
    write([Row("own", owner, {}, {"department": "Own"}, private=True), Row("open", None, {}, {"department": "Open"})])
    seen = act("schema_impact", user=people.editor, document=pattern("x"))
    assert (seen["datasets"], seen["affected"]) == (2, 2)


def test_the_page_says_what_is_counted(app: Any, people: People) -> None:
    store(people, pattern("x"))
    for kind, said in (("editor", "People who can publish see counts of all records"), ("admin", "including private ones")):
        page = app.get("/metadata-schema/review", headers=people.headers(kind))
        assert said in page.body


def test_a_publish_is_refused_for_records_that_nobody_of_the_steward_may_read(people: People) -> None:
    document = pattern("x")
    store(people, document)
    revision = act("schema_draft_show")["revision"]
    with pytest.raises(Exception, match="Records must be fixed first: 1"):
        act("schema_publish", user=people.admin, revision=revision, note="x")


def test_terms_of_a_draft_are_not_looked_for_in_hidden_records(app: Any, people: People) -> None:
    """A term can be added for every guess."""
    guesses = [{"id": guess, "value": guess, "label": guess} for guess in (SECRET, "other")]
    document = current_document()
    vocabularies = [
        {**each, "terms": [*each["terms"], *guesses]} if each["id"] == "frequency" else each
        for each in document["vocabularies"]
    ]
    store(people, {**document, "vocabularies": vocabularies})
    path = "/metadata-schema/draft/vocabularies/frequency/records?term="
    hidden = {
        kind: {guess: "more record is private" in app.get(f"{path}{guess}", headers=people.headers(kind)).body
               for guess in (SECRET, "other")}
        for kind in ("editor", "admin")
    }  # fmt: skip
    assert hidden == {"editor": {SECRET: False, "other": False}, "admin": {SECRET: True, "other": False}}


def test_by_default_nothing_is_counted_that_nobody_may_read(people: People) -> None:
    assert not impact.Scope().everything
    assert impact.Scope().reader == impact.VISITOR
