"""A field with thousands of terms, filled in by keyboard, by pointer, in a narrow window and without scripts."""
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import Portal, make_dataset
from browser.looking import violations, violations_at
from ckan import model
from support.editing import call, current_document, publish, with_field

pytestmark = [pytest.mark.browser]

FORM = "/dataset/edit/stops"


@pytest.fixture
def topics(small_portal: Portal) -> None:
    """A vocabulary of 3,000 topics for a field with one, a field with several, and a part of entries."""
    document = current_document()
    words = ("Rivers", "Bridges", "Écoles", "Libraries", "Parks")
    terms = [{"id": f"t{n}", "value": f"t{n}", "label": f"{words[n % 5]} {n}"} for n in range(3000)]
    terms[7]["definition"] = "Bridges over water, with their piers."
    document["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    document = with_field(document, field_name="one", label="Main topic", preset="select", vocabulary="topics")
    document = with_field(document, field_name="many", label="Topics", preset="multiple_select", vocabulary="topics")
    part = {"id": "topic", "field_name": "topic", "label": "Topic of the place", "preset": "select", "vocabulary": "topics"}
    document = with_field(document, field_name="entries", label="Places named", repeating_subfields=[part])
    publish(document)
    make_dataset("stops", "Bus stops", "public-library", one="t1", many=["t2", "t3"], notes="Where buses stop")


@pytest.fixture
def form(topics: None, page: Any, log_in: Callable[[str], None]) -> Any:
    log_in("portal_admin")
    page.goto(FORM)
    return page


def search(page: Any, name: str) -> Any:
    return page.locator(f"fieldset[data-name='{name}'] [data-input]")


def status(page: Any, name: str) -> Any:
    return page.locator(f"fieldset[data-name='{name}'] [role=status]")


def chosen(page: Any, name: str) -> list[str]:
    found: list[str] = page.locator(f"fieldset[data-name='{name}'] [data-chosen] li > span").all_inner_texts()
    return found


def save(page: Any) -> None:
    page.locator("button[name=save].btn-primary").click()
    page.wait_for_url("**/dataset/stops")


def held() -> dict[str, Any]:
    model.Session.remove()
    dataset = call("package_show", id="stops")
    return {name: dataset.get(name) for name in ("one", "many", "entries")}


def look(page: Any, name: str, focus: str = "") -> None:
    """Take a picture for whoever looks at pages by hand: CIVICSWITCHBOARD_LOOK names a folder."""
    if folder := os.environ.get("CIVICSWITCHBOARD_LOOK"):
        page.locator(focus).scroll_into_view_if_needed() if focus else None
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_the_keyboard_alone_finds_chooses_and_removes(form: Any) -> None:
    box = search(form, "many")
    box.focus()
    form.keyboard.type("ecoles 17")
    form.wait_for_function("document.querySelector('[data-name=many] [role=status]').textContent.includes('terms found')")
    assert box.get_attribute("aria-expanded") == "true"
    form.keyboard.press("ArrowDown")
    active = form.locator(f"#{box.get_attribute('aria-activedescendant')}")
    label = active.locator("span").inner_text()
    assert label.startswith("Écoles 17") and active.is_visible()
    look(form, "keyboard", "#field-many-list")
    form.keyboard.press("Enter")
    assert chosen(form, "many") == ["Écoles 2", "Libraries 3", label]
    assert status(form, "many").inner_text() == f"Added: {label}"
    assert box.input_value() == "" and box.get_attribute("aria-expanded") == "false"
    # Back over the buttons of what is chosen, the first one's last.
    for _step in range(3):
        form.keyboard.press("Shift+Tab")
    assert form.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove Écoles 2"
    form.keyboard.press("Enter")
    assert chosen(form, "many") == ["Libraries 3", label]
    assert form.evaluate("document.activeElement.id") == "field-many"
    save(form)
    assert held()["many"][0] == "t3" and len(held()["many"]) == 2


def test_escape_closes_the_list_and_then_takes_the_text_away(form: Any) -> None:
    box = search(form, "one")
    box.press_sequentially("bridges")
    form.locator("#field-one-list [role=option]").first.wait_for()
    box.press("Escape")
    assert not form.locator("#field-one-list").is_visible() and box.input_value() == "bridges"
    box.press("Escape")
    assert box.input_value() == "" and chosen(form, "one") == ["Bridges 1"]


def test_one_term_takes_the_place_of_another(form: Any) -> None:
    search(form, "one").fill("bridges 2991")
    form.locator("#field-one-list [role=option]").first.click()
    assert chosen(form, "one") == ["Bridges 2991"]
    save(form)
    assert held()["one"] == "t2991"


def test_what_is_typed_and_not_chosen_is_not_lost(form: Any) -> None:
    search(form, "one").fill("Parks 2004")
    search(form, "many").fill("Volcanoes")
    search(form, "many").press("Tab")
    form.wait_for_function("document.querySelector('[data-name=many] [role=status]').textContent.includes('chosen from the list')")
    form.locator("button[name=save].btn-primary").click()
    form.locator("fieldset[data-name='many'] .error-block").wait_for()
    form.wait_for_function("ckan.module.instances['civicswitchboard-term-search']?.length >= 2")
    assert chosen(form, "many") == ["Écoles 2", "Libraries 3", "Volcanoes (not in the list)"]
    form.get_by_role("button", name="Remove Volcanoes (not in the list)").click()
    search(form, "one").fill("Parks 2004")
    save(form)
    assert held() == {"one": "t2004", "many": ["t2", "t3"], "entries": None}


def test_nothing_changes_by_looking(form: Any) -> None:
    before = held()
    search(form, "one").click()
    form.locator("#field-one-list [role=option]").first.wait_for()
    save(form)
    assert held() == before


def test_a_part_of_an_entry_is_searched_in_a_narrow_window(form: Any) -> None:
    form.set_viewport_size({"width": 390, "height": 844})
    form.locator("fieldset.csw-entries", has_text="Places named").locator("[data-add]").click()
    box = search(form, "entries-0-topic")
    assert box.evaluate("each => each === document.activeElement")
    box.press_sequentially("bridges 7")
    options = form.locator("#field-entries-0-topic-list [role=option]")
    options.first.wait_for()
    look(form, "narrow", "#field-entries-0-topic-list")
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(form, "fieldset[data-name='entries-0-topic']") == {}
    options.first.click()
    save(form)
    assert [entry["topic"][:2] for entry in held()["entries"]] == ["t7"]
    assert held()["one"] == "t1" and held()["many"] == ["t2", "t3"]


def test_a_form_without_scripts_takes_a_label(topics: None, new_page: Callable[..., Any]) -> None:
    from browser.conftest import enter

    page = new_page(javascript=False)
    enter(page, "portal_admin")
    page.goto(FORM)
    look(page, "without-scripts", "#field-many-about")
    page.locator("#field-one").fill("Parks 2004")
    page.locator("fieldset[data-name='many']").get_by_label("Écoles 2", exact=True).uncheck()
    page.locator("#field-many").fill("bridges 11")
    save(page)
    assert held()["one"] == "t2004" and held()["many"] == ["t3", "t11"]


def test_axe_finds_nothing_in_the_control_and_the_pages_of_terms(form: Any) -> None:
    search(form, "many").press_sequentially("bridges")
    form.locator("#field-many-list [role=option]").first.wait_for()
    form.keyboard.press("ArrowDown")
    look(form, "form")
    for name in ("one", "many"):
        assert violations(form, f"fieldset[data-name='{name}']") == {}
    assert violations_at(form, "/metadata-schema/vocabularies/topics?q=bridges&page=2") == {}
    look(form, "vocabulary")
    form.set_viewport_size({"width": 390, "height": 844})
    form.goto("/metadata-schema/vocabularies/topics")
    look(form, "vocabulary-narrow")
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    form.goto("/metadata-schema#dataset-field-one")
    look(form, "schema-narrow", "#dataset-field-one")
    form.set_viewport_size({"width": 1280, "height": 900})
    look(form, "schema", "#dataset-field-one")
