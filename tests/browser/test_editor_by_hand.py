"""The draft edited by a curator's hands: dragging, keyboard alone, cells and parts that are saved when left."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import Portal
from browser.looking import violations_at
from browser.test_editor import DRAFT, fill, open_field, saved
from support.editing import act

pytestmark = [pytest.mark.browser]

DICTIONARY = f"{DRAFT}/fields/resource/dictionary"


@pytest.fixture
def draft(page: Any, log_in: Any, steward: Portal) -> Any:
    """The page of a curator who has begun a draft."""
    log_in("metadata_curator")
    page.goto(DRAFT)
    page.get_by_role("button", name="Start a draft").click()
    saved(page, "0 changes")
    return page


def document() -> dict[str, Any]:
    held: dict[str, Any] = act("schema_draft_show")["document"]
    return held


def fields_of(section: str) -> list[str]:
    return [f["id"] for f in document()["dataset"]["fields"] if f["section"] == section]


def parts() -> list[str]:
    (field,) = [f for f in document()["dataset"]["resource_fields"] if f["id"] == "dictionary"]
    return [part["id"] for part in field["repeating_subfields"]]


def at_revision(page: Any, number: int) -> None:
    """Wait until the page stands for a state of the draft."""
    page.locator(f"#csw-draft-header[data-revision='{number}']").wait_for()


def drag(page: Any, source: str, target: str, height: float) -> None:
    """Take hold of one thing and let it go over another, as a hand does.

    :param height: where over the other: 0 is its upper edge, 1 its lower one
    """
    page.locator(target).scroll_into_view_if_needed()
    held, over = page.locator(source).bounding_box(), page.locator(target).bounding_box()
    page.mouse.move(held["x"] + held["width"] / 2, held["y"] + held["height"] / 2)
    page.mouse.down()
    page.mouse.move(held["x"] + held["width"] / 2, held["y"] + held["height"] / 2 + 4, steps=2)
    page.mouse.move(over["x"] + 60, over["y"] + over["height"] * height, steps=12)
    page.mouse.up()


def test_a_field_is_dragged(draft: Any) -> None:
    page, before = draft, fields_of("about")
    first, second, third = before[:3]
    drag(page, f"#row-dataset-{first} .csw-handle", f"#row-dataset-{third}", 0.8)
    at_revision(page, 2)
    assert fields_of("about") == [second, third, first, *before[3:]]
    shown = page.locator("ul[data-section=about][data-entity=dataset] .csw-draft-row")
    assert [row.get_attribute("data-field") for row in shown.all()] == fields_of("about")

    drag(page, f"#row-dataset-{first} .csw-handle", f"#row-dataset-{second}", 0.2)
    at_revision(page, 3)
    assert fields_of("about") == before

    last = before[-1]
    drag(page, f"#row-dataset-{last} .csw-handle", "ul[data-section=who][data-entity=dataset] .csw-draft-row >> nth=0", 0.8)
    at_revision(page, 4)
    assert fields_of("who")[1] == last and last not in fields_of("about")

    # Nothing of a dataset comes among the fields of files, and what is let go elsewhere stays.
    held = fields_of("about")
    page.set_viewport_size({"width": 1280, "height": 4000})
    drag(page, f"#row-dataset-{first} .csw-handle", "#row-resource-format", 0.8)
    drag(page, f"#row-dataset-{second} .csw-handle", "h1", 0.5)
    page.wait_for_timeout(500)
    assert fields_of("about") == held and act("schema_draft_show")["revision"] == 4


def sections_of(entity: str) -> list[str]:
    return [each["id"] for each in document()[entity]["sections"]]


def test_a_section_is_moved_by_keyboard_and_dragged(draft: Any) -> None:
    page, before = draft, sections_of("dataset")
    first, second, third, fourth = before[:4]
    link = f"move-section-dataset-{second}"
    page.locator(f"#{link}").focus()
    page.keyboard.press("Alt+ArrowUp")
    at_revision(page, 2)
    assert sections_of("dataset") == [second, first, *before[2:]]
    page.locator(f"#{link}:focus").wait_for()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Already at the end of the list").wait_for()
    page.keyboard.press("Alt+ArrowDown")
    at_revision(page, 3)
    assert sections_of("dataset") == before
    page.locator(f"#{link}:focus").wait_for()

    drag(page, f"#section-dataset-{second}", f"#section-dataset-{first}", 0.5)
    at_revision(page, 4)
    assert sections_of("dataset") == [second, first, *before[2:]]
    page.set_viewport_size({"width": 1280, "height": 4000})
    drag(page, f"#section-dataset-{second}", f"#add-dataset-{third}", 0.5)
    at_revision(page, 5)
    assert sections_of("dataset") == [first, third, second, *before[3:]]
    # Nothing of a dataset's form comes among the fields of files.
    drag(page, f"#section-dataset-{fourth}", "#row-resource-format", 0.5)
    page.wait_for_timeout(300)
    assert act("schema_draft_show")["revision"] == 5


def test_a_term_is_dragged(draft: Any) -> None:
    page = draft
    before = [term["id"] for term in vocabulary("theme")]
    page.goto(f"{DRAFT}/vocabularies/theme")
    first, second, third = before[:3]
    with page.expect_navigation():
        drag(page, f"[data-term={first}] .csw-term-grip", f"[data-term={third}] .csw-term-row", 0.8)
    assert [term["id"] for term in vocabulary("theme")] == [second, third, first, *before[3:]]
    with page.expect_navigation():
        drag(page, f"[data-term={third}] .csw-term-grip", f"[data-term={second}] .csw-term-row", 0.2)
    assert [term["id"] for term in vocabulary("theme")] == [third, second, first, *before[3:]]
    shown = page.locator(".csw-term").evaluate_all("terms => terms.map((term) => term.dataset.term)")
    assert shown == [term["id"] for term in vocabulary("theme")]


def vocabulary(vocabulary_id: str) -> list[dict[str, Any]]:
    (found,) = [each for each in document()["vocabularies"] if each["id"] == vocabulary_id]
    terms: list[dict[str, Any]] = found["terms"]
    return terms


def test_parts_of_a_field_are_edited_like_fields(draft: Any) -> None:
    page, before = draft, parts()
    page.goto(DICTIONARY)
    page.locator("#field-resource-dictionary-type").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("“Type of value” is now after “Column” in “Data dictionary”").wait_for(state="attached")
    assert page.evaluate("document.activeElement.id") == "field-resource-dictionary-type"
    assert parts() == ["column", "type", "label", *before[3:]]
    drag(page, "#row-resource-dictionary-column .csw-handle", "#row-resource-dictionary-label", 0.8)
    at_revision(page, 3)
    assert parts() == ["type", "label", "column", *before[3:]]

    page.locator("#field-resource-dictionary-unit").focus()
    page.keyboard.press("Enter")
    page.locator("#edit-label[value=Unit]").wait_for()
    assert page.url.endswith("/parts/unit")
    assert page.evaluate("document.activeElement.id") == "csw-field-title"
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("Unit of measure")
    page.keyboard.press("Tab")
    page.get_by_text("“Unit” within “Data dictionary” is now called “Unit of measure”").wait_for()
    assert page.evaluate("document.activeElement.name") == "expectation"
    page.keyboard.press("ArrowLeft")
    page.get_by_text("“Unit of measure” within “Data dictionary” becomes recommended").wait_for()
    page.locator("#csw-field-state").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Offer again").evaluate("e => e === document.activeElement")
    page.get_by_role("link", name="Back to “Data dictionary”").click()
    row = page.locator("#row-resource-dictionary-unit")
    row.get_by_text("no longer offered").wait_for()
    assert "Unit of measure" in row.inner_text()

    page.locator("summary", has_text="Add a part").click()
    fill(page, "#new-part", "Coding")
    page.press("#new-part", "Enter")
    page.wait_for_url("**/parts/coding")
    assert page.evaluate("document.activeElement.id") == "csw-field-title"
    assert parts()[-1] == "coding"

    page.context.set_offline(True)
    fill(page, "#edit-help_text", "Which codes stand for what")
    page.get_by_text("not saved; trying again").wait_for()
    page.context.set_offline(False)
    page.locator("#csw-draft-saved time").wait_for()
    (field,) = [f for f in document()["dataset"]["resource_fields"] if f["id"] == "dictionary"]
    assert field["repeating_subfields"][-1]["help_text"] == "Which codes stand for what"


def test_cells_of_the_crosswalk_are_saved_when_they_are_left(draft: Any) -> None:
    page = draft
    page.goto(f"{DRAFT}/crosswalk")
    blanks = int(page.inner_text("#csw-blanks").split()[0])
    cell = page.get_by_label("Theme in MODS 3.8")
    cell.focus()
    page.keyboard.type("subject/topic")
    page.keyboard.press("Enter")
    saved(page, "1 change")
    assert mapping("theme")["mods"] == "subject/topic"
    assert cell.evaluate("e => e === document.activeElement"), "the keyboard stays in the cell"
    page.keyboard.type("/")
    page.keyboard.press("Backspace")
    assert int(page.inner_text("#csw-blanks").split()[0]) == blanks - 1

    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("heading")
    page.keyboard.press("Tab")
    page.get_by_text("not in our list: heading").wait_for()
    assert mapping("theme")["mods"] == "heading"
    assert page.evaluate("document.activeElement.tagName") == "INPUT"
    assert page.url.split("#")[0].endswith("/crosswalk"), "the page stays"

    page.context.set_offline(True)
    fill(page, "input[name='cell|title|mods']", "titleInfo/title")
    page.get_by_text("not saved; trying again").wait_for()
    page.context.set_offline(False)
    saved(page, "2 changes")
    assert mapping("title")["mods"] == "titleInfo/title"


def test_what_is_typed_of_terms_types_and_translations_is_saved_when_it_is_left(draft: Any) -> None:
    page = draft
    page.goto(f"{DRAFT}/vocabularies/theme?term=health")
    fill(page, "#label", "Health and care")
    saved(page, "1 change")
    row = page.locator("#row-health")
    assert row.locator(".csw-term-name").inner_text() == "Health and care"
    assert row.get_by_text("changed").is_visible()
    assert page.evaluate("document.activeElement.id") == "alternate_labels", "the keyboard goes on"
    page.keyboard.type("Wellness")
    page.keyboard.press("Tab")
    saved(page, "2 changes")
    page.select_option("#broader", label="Environment")
    saved(page, "3 changes")
    (term,) = [each for each in vocabulary("theme") if each["id"] == "health"]
    assert (term["label"], term["alternate_labels"], term["broader"]) == ("Health and care", ["Wellness"], "environment")

    # What is typed of one term while nothing can be saved is not put into another's form.
    page.context.set_offline(True)
    fill(page, "#scope_note", "Clinics too")
    page.get_by_text("not saved; trying again").wait_for()
    page.context.set_offline(False)
    saved(page, "4 changes")
    page.locator("summary", has_text="About this vocabulary").click()
    fill(page, "#vocabulary-label", "Themes")
    page.locator("h1", has_text="Themes").wait_for()
    page.fill("#label", "")
    page.press("#label", "Tab")
    page.locator("#csw-draft-refused", has_text="label").wait_for()
    page.goto(f"{DRAFT}/vocabularies/theme?term=technology")
    assert page.input_value("#label") == "Technology"

    page.goto(f"{DRAFT}/partner-types?type=museum")
    fill(page, "#label", "Museum or archive")
    page.locator("#type-museum", has_text="Museum or archive").wait_for()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.select_option("#field-skills", "recommended")
    page.locator("#row-museum", has_text="changed").wait_for()
    (museum,) = [each for each in document()["partner_types"] if each["name"] == "museum"]
    assert museum["label"] == "Museum or archive"
    assert {"field": "skills", "expectation": "recommended"} in museum["fields"]

    page.goto(f"{DRAFT}/translations?language=es")
    first = page.locator(".csw-translations textarea").first
    first.fill("Título")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        first.press("Tab")
    page.locator("#csw-languages a[aria-current]", has_text="español").wait_for()
    page.reload()
    page.get_by_text("texts missing").first.wait_for()


def mapping(field_id: str) -> dict[str, str]:
    (field,) = [f for f in document()["dataset"]["fields"] if f["id"] == field_id]
    found: dict[str, str] = field["mapping"]
    return found


# Everything that Tab comes to, in the order of the page; of radio buttons the chosen one, else the first.
REACHABLE = """() => {
  const all = [...document.querySelectorAll('article.csw-draft a[href], article.csw-draft button, article.csw-draft input, '
    + 'article.csw-draft select, article.csw-draft textarea, article.csw-draft summary, article.csw-draft [tabindex="0"]')];
  const open = all.filter((e) => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true})
    && !e.closest('template'));
  const radios = new Map();
  open.filter((e) => e.type === 'radio').forEach((e) => {
    const group = `${e.form && e.form.action}|${e.name}`;
    if (!radios.has(group) || e.checked) { radios.set(group, e); }
  });
  window.reachable = open.filter((e) => e.type !== 'radio' || [...radios.values()].includes(e));
  return window.reachable.length;
}"""
HERE = """() => {
  const here = document.activeElement;
  /* What stands in the frames of the preview is nothing of the editor's. */
  if (here.tagName === 'IFRAME') { return -3; }
  if (!here.closest('article.csw-draft')) { return -2; }
  const place = window.reachable.indexOf(here);
  /* Chromium comes to what scrolls and holds no control, so that it can be scrolled by keyboard. */
  const scrolls = here.scrollHeight > here.clientHeight || here.scrollWidth > here.clientWidth;
  if (place < 0 && scrolls && !here.matches('a, button, input, select, textarea, summary, [tabindex]')) { return -3; }
  return place < 0 ? here.outerHTML.slice(0, 200) : place;
}"""


def walked(page: Any) -> list[int | str]:
    """The places at which Tab stops in the draft, as numbers of what it should come to, or as what it should not."""
    page.evaluate("document.querySelector('.csw-draft-name').focus()")
    stops = [page.evaluate(HERE)]
    while True:
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here == -2:
            return stops
        if here != -3:
            stops.append(here)


WALKED = [
    "", "/fields/dataset/geographic_unit", "/fields/resource/dictionary", "/fields/resource/dictionary/parts/unit",
    "/fields/dataset/department/move", "/sections/dataset/who", "/vocabularies", "/vocabularies/theme?term=health",
    "/partner-types?type=museum", "/translations?language=es", "/preview", "/discard",
]


def test_tab_comes_to_every_control_in_the_order_of_the_page(draft: Any) -> None:
    page, stops, order = draft, {}, {}
    for path in WALKED:
        page.goto(f"{DRAFT}{path}")
        if "/fields/" in path:
            page.evaluate("document.querySelectorAll('.csw-draft-panel details').forEach((each) => { each.open = true; })")
            # Once opened, it fetches what a record would give, with a link to it.
            for sample in page.locator(".csw-draft-panel [hx-get$='/sample']").all():
                sample.locator("> p").wait_for(state="attached")
        order[path] = list(range(page.evaluate(REACHABLE)))
        stops[path] = walked(page)
    assert stops == order


def test_to_look_at_a_sample_saves_nothing(draft: Any) -> None:
    page = draft
    page.goto(f"{DRAFT}/fields/dataset/data_notes")
    page.locator("summary", has_text="Preview crosswalk output").click()
    page.get_by_text("Crosswalk output").wait_for()
    assert "saving" not in page.inner_text("#csw-draft-header") and "0 changes" in page.inner_text("#csw-draft-header")
    assert not page.evaluate("document.querySelector('[hx-get$=\"/sample\"]').closest('form')")


def test_the_keyboard_is_never_lost(draft: Any) -> None:
    page = draft
    open_field(page, "data_notes")
    assert page.evaluate("document.activeElement.id") == "csw-field-title"
    # Back from the first input into the list, whose last controls are put anew by the save.
    page.focus("#edit-label")
    page.keyboard.press("Control+a")
    page.keyboard.type("Caveats")
    page.evaluate("document.getElementById('move-dataset-data_notes').focus()")
    saved(page, "1 change")
    assert page.evaluate("document.activeElement.id") == "move-dataset-data_notes"
    fill(page, "#edit-example", "Counts under ten are left out")
    page.evaluate("document.getElementById('csw-draft-review').focus()")
    saved(page, "2 changes")
    assert page.evaluate("document.activeElement.id") == "csw-draft-review"
    page.select_option("#edit-preset", "textarea")
    page.focus("#edit-preset")
    saved(page, "3 changes")
    assert page.evaluate("document.activeElement.id") == "edit-preset"

    page.focus("#csw-draft-undo")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "csw-draft-undo"

    section = page.locator("section[aria-labelledby=section-dataset-about]")
    section.locator("summary", has_text="Add a field").click()
    page.fill("#new-dataset-about", "Half a na")
    page.locator("#field-dataset-data_notes").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("“Caveats” is now first in “Documentation”").or_(
        page.get_by_text("“Caveats” is now after")).wait_for(state="attached")
    assert page.evaluate("document.activeElement.id") == "field-dataset-data_notes"
    assert page.input_value("#new-dataset-about") == "Half a na", "what is typed elsewhere stays"

    page.goto(f"{DRAFT}/vocabularies/theme")
    page.locator("#down-health").focus()
    for _step in range(2):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "down-health"


def test_the_pages_of_parts_are_accessible_and_fit_a_narrow_window(draft: Any) -> None:
    page, found, widths = draft, {}, {}
    for path in (DICTIONARY, f"{DICTIONARY}/parts/unit", f"{DICTIONARY}/parts/unit/move"):
        page.set_viewport_size({"width": 1280, "height": 900})
        found[path] = violations_at(page, path)
        page.set_viewport_size({"width": 320, "height": 900})
        page.goto(path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: ids for path, ids in found.items() if ids} == {}
    assert {path: width for path, width in widths.items() if width > 320} == {}
