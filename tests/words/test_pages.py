"""Pages as each kind of person reads them: no forbidden word, and every form with its token."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act, changed, current_document, publish, with_field
from support.people import enter_people
from words.forbidden import forbidden_in

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PAGES = (
    "/ /dataset/ /dataset/wifi /dataset/new /dataset/edit/wifi /dataset/wifi/resource/new"
    " /organization/ /organization/public-library /organization/about/public-library"
    " /organization/edit/public-library /organization/new /partners /dashboard/"
    " /metadata-schema /metadata-schema/versions /metadata-schema/versions/1"
    " /metadata-schema/versions/1/restore /metadata-schema/versions/compare?from=1&to=2"
    " /metadata-schema/versions/1/profile /metadata-schema/vocabularies/frequency /metadata-schema/repairs /metadata-schema/repairs/new"
    " /metadata-schema/repairs/new?kind=map_values&field=department"
    " /metadata-schema/review /metadata-schema/draft /metadata-schema/draft/organization"
    " /metadata-schema/draft/fields/dataset/department /metadata-schema/draft/fields/dataset/department/move"
    " /metadata-schema/draft/fields/resource/dictionary /metadata-schema/draft/fields/resource/dictionary/parts/label"
    " /metadata-schema/draft/fields/resource/dictionary/parts/label/move"
    " /metadata-schema/draft/sections/dataset/who /metadata-schema/draft/preview /metadata-schema/draft/discard"
    " /metadata-schema/draft/vocabularies /metadata-schema/draft/vocabularies/frequency"
    " /metadata-schema/draft/vocabularies/frequency/list /metadata-schema/draft/crosswalk"
    " /metadata-schema/draft/partner-types /metadata-schema/draft/translations /metadata-schema/draft/release /metadata-schema/suggestions"
    " /metadata-schema/suggestions?state=all /metadata-schema/suggestions/new"
    " /metadata-schema/suggestions/new?field=department /metadata-schema/suggestions/{suggestion}"
).split()
# Those who see most, and who sees least; an administrator of the steward sees what its editor does.
READERS = ("anonymous", "publisher", "admin", "sysadmin")
# What CKAN says, or the schema's own document, or a download's name.
APART = "header.masthead, footer.site-footer, .account-masthead, .toolbar, .csw-downloads, #field-format, script, style, head"
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-module-content")


def said(soup: Any) -> str:
    """Everything that is read or read out."""
    for each in soup.select(APART):
        each.decompose()
    spoken = [element.get(name, "") for element in soup.find_all(True) for name in SPOKEN]
    return " ".join([soup.get_text(" "), *spoken])


def test_nobody_reads_a_word_of_the_machine_room(app: Any) -> None:
    people = enter_people()
    library = model.Group.get("public-library").id
    factories.Dataset(name="wifi", title="Wifi", notes="Sessions", owner_org=library, license_id="cc-by",
                      resources=[{"name": "Table", "url": "http://data.example.org/1.csv"}],
                      extras=[{"key": "guid", "value": "7"}])
    publish(changed(with_field(current_document(), field_name="reading_level"), "geographic_unit", expectation="required"))
    suggestion = act("suggestion_create", user=people.publisher, field="department", text="A wish")["id"]
    draft = act("schema_draft_create", user=people.editor)
    act("schema_draft_update", user=people.editor, revision=draft["revision"],
        document=changed(current_document(), "department", label=""))
    words, forms, seen = {}, {}, 0
    for kind in READERS:
        headers = people.headers(kind)
        for path in PAGES:
            response = app.get(path.format(suggestion=suggestion), headers=headers)
            assert response.status_code in (200, 403, 404), (kind, path, response.status_code)
            if response.status_code != 200:
                continue
            seen += 1
            soup = BeautifulSoup(response.body, "html.parser")
            for form in soup.select("form[method=post], form[method=POST]"):
                if not form.select("input[name=_csrf_token]"):
                    forms[path] = str(form)[:200]
            if found := forbidden_in(said(soup)):
                words[path] = found
    assert words == {}
    assert forms == {}
    assert seen > 60
