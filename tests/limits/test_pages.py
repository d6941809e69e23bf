"""Pages of a portal whose shared schema is as large as it may be: below a megabyte and a second each.

`bin/test tests/limits --long -s` prints the size and time of every page, of curators' pages and files to take away too.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from access.test_who_may import a_repair, there_is_a_draft
from ckan.tests import factories
from limits.documents import DOCUMENTS, SUBJECTS, large_vocabulary
from limits.measuring import measure, paths
from support.editing import act, current_document, publish
from support.people import enter_people

pytestmark = [pytest.mark.usefixtures("clean_portal")]

# Of the processor: a half more than a page may take, as a machine that does other things has slower processors.
# What is above one second is marked in the table.
MOST_SECONDS_BESIDE_OTHERS = 1.5
EVERY_KIND = ("public", "form", "download", "curators")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kinds", [("public", "form"), pytest.param(EVERY_KIND, marks=pytest.mark.long)], ids=str)
@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_page_stays_small_and_quick(
    app: Any, made: Callable[[Any], Any], kinds: tuple[str, ...]
) -> None:
    people = enter_people()
    publish(made(current_document()))
    large = made is large_vocabulary
    held = {"subject_0": "subjects_7", "subject_1": ["subjects_3", "subjects_19000"]} if large else {}
    factories.Dataset(name="open", owner_org="public-library", license_id="cc-by", department="Parks", **held)
    suggestion = act("suggestion_create", user=people.publisher, field="department", text="A wish")["id"]
    run = a_repair(people.sysadmin)
    there_is_a_draft(people.editor)
    found = []
    for kind, path in paths(run, suggestion, SUBJECTS if large else ""):
        if kind in kinds:
            found.append(measure(app, people, kind, path))
            print(found[-1], flush=True)
    assert [str(each) for each in found if each.beyond(MOST_SECONDS_BESIDE_OTHERS)] == []
