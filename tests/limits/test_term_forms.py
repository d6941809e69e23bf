"""Forms that name a term of a vocabulary with as many terms as there may be: searched, so small and quick."""
from __future__ import annotations

from typing import Any

import pytest
from access.test_who_may import there_is_a_draft
from ckan.tests import factories
from limits.documents import SUBJECTS, large_vocabulary
from limits.measuring import MOST_BYTES, measure
from limits.test_pages import MOST_SECONDS_BESIDE_OTHERS
from support.editing import current_document, publish
from support.people import enter_people

pytestmark = [pytest.mark.usefixtures("clean_portal"), pytest.mark.timeout(600)]

PATHS = (
    f"/metadata-schema/draft/vocabularies/{SUBJECTS}",
    f"/metadata-schema/draft/vocabularies/{SUBJECTS}?term={SUBJECTS}_17000",
    f"/metadata-schema/repairs/new?kind=merge_terms&vocabulary={SUBJECTS}",
    "/metadata-schema/repairs/new?kind=map_values&field=subject_0",
    "/metadata-schema/repairs/new?kind=set_default&field=subject_0",
)


def test_forms_stay_small_and_quick(app: Any) -> None:
    people = enter_people()
    publish(large_vocabulary(current_document()))
    for number in range(3):
        factories.Dataset(owner_org="public-library", license_id="cc-by", subject_0=f"{SUBJECTS}_{number}")
    there_is_a_draft(people.editor)
    found = [measure(app, people, "curators", path) for path in PATHS]
    print(*found, sep="\n", flush=True)
    assert [str(each) for each in found if each.beyond(MOST_SECONDS_BESIDE_OTHERS)] == []
    # A tenth of what a page may be: none of them has the terms.
    assert [str(each) for each in found[1:] if each.size > MOST_BYTES / 5] == []
