"""Terms of a large vocabulary, named on a term's form and in repairs: by keyboard, in a narrow window, by axe."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import make_dataset
from browser.looking import violations, violations_at
from browser.test_searched_terms import look
from support.editing import act, current_document, publish, with_field

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]

TOPICS = "/metadata-schema/draft/vocabularies/topics"


@pytest.fixture
def topics(page: Any, log_in: Any) -> Any:
    """The page of a draft's vocabulary of 250 topics, for a curator."""
    draft = act("schema_draft_create")
    terms = [{"id": f"t{n}", "value": f"topic-{n}", "label": f"Topic {n}"} for n in range(250)]
    terms[30].update(label="Wells & springs", definition="Where water comes to the surface.")
    draft["document"]["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    act("schema_draft_update", revision=draft["revision"], document=draft["document"])
    log_in("portal_admin")
    return page


def held(number: int) -> dict[str, Any]:
    vocabulary = act("schema_draft_show")["document"]["vocabularies"][-1]
    found: dict[str, Any] = next(term for term in vocabulary["terms"] if term["id"] == f"t{number}")
    return found


def find(page: Any, name: str, words: str) -> None:
    """Type words into a search and choose the first term by keyboard."""
    page.locator(f"#field-{name}_term").focus()
    page.keyboard.type(words)
    page.locator(f"#field-{name}_term-list [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_other_terms_are_found_and_chosen_by_keyboard(topics: Any) -> None:
    topics.goto(f"{TOPICS}?term=t20")
    before = topics.get_attribute("#csw-draft-header", "data-revision")
    find(topics, "broader", "well")
    chosen = topics.locator("[data-name=broader_term] [data-chosen] li > span")
    assert chosen.all_inner_texts() == ["Wells & springs"]
    # It's saved when it's chosen, as every other input of the form.
    topics.wait_for_function("before => document.getElementById('csw-draft-header').dataset.revision > before", arg=before)
    assert held(20)["broader"] == "t30"
    topics.reload()
    assert chosen.all_inner_texts() == ["Wells & springs"]

    topics.locator("#field-broader_term").focus()
    topics.keyboard.type("Volcanoes")
    topics.keyboard.press("Tab")
    topics.locator("#csw-draft-refused", has_text="“Volcanoes” isn't a term of this vocabulary").wait_for()
    assert topics.locator("#field-broader_term").input_value() == "Volcanoes"
    assert held(20)["broader"] == "t30"
    look(topics, "other-term-refused")

    topics.goto(f"{TOPICS}?term=t21")
    find(topics, "into", "wells")
    button = topics.get_by_role("button", name="Merge", exact=True)
    button.focus()
    with topics.expect_navigation():
        topics.keyboard.press("Enter")
    assert "merged into “Wells & springs”" in topics.inner_text(".csw-term-open")
    assert held(21)["merged_into"] == "t30"


def test_the_page_of_a_term_is_accessible_and_fits(topics: Any) -> None:
    path = f"{TOPICS}?term=t20"
    assert violations_at(topics, path) == {}
    topics.locator("#field-broader_term").press_sequentially("wells")
    topics.locator("#field-broader_term-list [role=option]").first.wait_for()
    look(topics, "other-term", ".csw-term-open")
    topics.set_viewport_size({"width": 390, "height": 844})
    topics.goto(path)
    assert topics.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(topics, "other-term-narrow", "#field-broader_term")
    look(topics, "other-term-narrow-more", "#field-into_term")


def test_a_repair_searches_terms_by_keyboard(page: Any, log_in: Any) -> None:
    document = current_document()
    terms = [{"id": f"t{n}", "value": f"topic-{n}", "label": f"Topic {n}"} for n in range(250)]
    document["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    publish(with_field(document, field_name="topic", label="Topic", preset="select", vocabulary="topics"))
    for number in range(3):
        make_dataset(f"stops-{number}", "Bus stops", "public-library", topic=f"topic-{number}", notes="Stops")
    log_in("portal_admin")
    page.goto("/metadata-schema/repairs/new?kind=map_values&field=topic")
    row = page.locator(".csw-repair-table tr", has_text="topic-1")
    row.locator("[data-input]").focus()
    page.keyboard.type("topic 247")
    row.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    look(page, "repair-values", ".csw-repair-table")
    assert row.locator("[role=option]").first.is_visible()
    page.keyboard.press("Enter")
    assert row.locator("[data-chosen] li > span").all_inner_texts() == ["Topic 247"]
    assert violations(page, ".csw-repair-table") == {}
    with page.expect_navigation():
        page.get_by_role("button", name="Preview", exact=True).press("Enter")
    assert page.get_by_role("button", name="Repair 1 record").is_visible()
    assert row.locator("[data-chosen] li > span").all_inner_texts() == ["Topic 247"]
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, "repair-values-narrow", ".csw-repair-table")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    path = "/metadata-schema/repairs/new?kind=merge_terms&vocabulary=topics"
    assert violations_at(page, path) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, "repair-merge-narrow", "#repair-term")
    page.set_viewport_size({"width": 1280, "height": 900})
    look(page, "repair-merge")
