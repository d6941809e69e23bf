"""A later release's changes of the schema come as a draft, and overwrite nothing."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from support.editing import act, changed, current_document, field_of, publish, with_field
from words.reading import text

from ckanext.civicswitchboard import doctor
from ckanext.civicswitchboard.core.schema.document import dump
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.schema_registry import releases, versions

Run = Callable[..., Any]
Raw = dict[str, Any]
DRAFT = "/metadata-schema/draft"




@pytest.fixture
def upgrade(monkeypatch: Any) -> Iterator[Callable[..., None]]:
    """Upgrade to a release whose shipped schema is another one."""
    first = dump(versions.shipped().document)

    def upgrade(**attributes: Any) -> None:
        raw = changed(first, "data_notes", **attributes)
        raw = with_field(raw, field_name="reading_level", label="Reading level")
        snapshot = versions.compiled(read(raw), 1)
        monkeypatch.setattr(versions, "shipped", lambda: snapshot)

    yield upgrade


def test_an_upgrade_is_offered_as_a_draft_that_keeps_what_the_portal_changed(
    run: Run, upgrade: Callable[..., None]
) -> None:
    assert run("init").exit_code == 0
    assert doctor.release().level == "ok"
    publish(changed(current_document(), "data_notes", label="Caveats"))
    upgrade(label="Notes on the data", example="Counted by hand")
    assert "are waiting: 2." in doctor.release().text
    done = run("init")
    assert done.exit_code == 0, done.output
    assert "This release changes the shared schema. Changes: 2." in done.output
    assert "Reading level" in done.output
    assert "Kept this portal's version: dataset.fields (data_notes), label" in done.output
    draft = act("schema_draft_show")
    notes = field_of(draft["document"], "data_notes")
    assert notes["label"] == "Caveats" and notes["example"] == "Counted by hand"
    assert draft["author"] is None
    # Nothing is served that nobody published.
    assert versions.newest().version == 2 and "reading_level" not in versions.newest().fields["dataset"]
    assert "already in the draft" in run("init").output
    assert "are in the draft" in doctor.release().text
    assert act("schema_publish", revision=draft["revision"], note="Upgrade")["version"] == 3
    assert doctor.release().level == "ok" and releases.waiting() is None
    assert "This release" not in run("init").output


def test_a_curator_sees_where_the_portals_own_stays_and_takes_the_releases(
    run: Run, upgrade: Callable[..., None], app: Any
) -> None:
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    run("init")
    act("schema_draft_create")
    assert "New release" not in text(app.get(DRAFT, headers=headers))
    assert "This draft wasn't started from" in text(app.get(f"{DRAFT}/release", headers=headers))
    act("schema_draft_delete")
    publish(changed(current_document(), "data_notes", label="Caveats"))
    upgrade(label="Notes on the data", example="Counted by hand")
    run("init")
    assert "New release" in text(app.get(DRAFT, headers=headers))
    assert "Conflicts with this portal's changes" in text(app.get("/metadata-schema/review", headers=headers))

    page = app.get(f"{DRAFT}/release", headers=headers)
    assert "1 conflict with this portal's changes" in text(page)
    assert "Before Data notes In the draft Caveats In the release Notes on the data" in text(page)
    key = BeautifulSoup(page.body, "html.parser").find("input", {"name": "key"})["value"]
    begun = act("schema_draft_show")["revision"]
    asked = {"revision": str(begun), "key": key}
    page = app.post(f"{DRAFT}/release", headers=headers, data=asked)
    assert "The draft uses the release's version." in text(page)
    draft = act("schema_draft_show")
    assert draft["revision"] == begun + 1
    assert field_of(draft["document"], "data_notes")["label"] == "Notes on the data"
    # Once more changes nothing, and a name that is none is refused.
    app.post(f"{DRAFT}/release", headers=headers, data={**asked, "revision": str(begun + 1)})
    assert act("schema_draft_show")["revision"] == begun + 1
    page = app.post(f"{DRAFT}/release", headers=headers, data={**asked, "key": "none"})
    assert "no conflict with this portal's changes there" in text(page)

    act("schema_draft_undo", revision=begun + 1)
    assert "Use the release's version" in text(app.get(f"{DRAFT}/release", headers=headers))


def test_what_a_curator_takes_out_of_it_is_not_offered_again(run: Run, upgrade: Callable[..., None]) -> None:
    run("init")
    upgrade(example="Counted by hand")
    run("init")
    draft = act("schema_draft_show")
    raw = changed(draft["document"], "data_notes", example="Ours")
    draft = act("schema_draft_update", revision=draft["revision"], document=raw)
    act("schema_publish", revision=draft["revision"], note="In part")
    assert releases.waiting() is None


def test_discarded_it_waits_until_it_is_passed_over(run: Run, upgrade: Callable[..., None]) -> None:
    run("init")
    upgrade(example="Counted by hand")
    run("init")
    act("schema_draft_delete")
    assert "are waiting: 2." in doctor.release().text
    done = run("init", "--keep-schema")
    assert "Changes skipped: 2." in done.output
    assert doctor.release().level == "ok"
    assert versions.newest().version == 1


def test_somebodys_draft_is_left_alone(run: Run, upgrade: Callable[..., None]) -> None:
    run("init")
    act("schema_draft_create")
    upgrade(example="Counted by hand")
    done = run("init")
    assert done.exit_code == 0 and "There is already a draft." in done.output
    draft = act("schema_draft_show")
    raw = changed(draft["document"], "data_notes", label="Caveats")
    draft = act("schema_draft_update", revision=draft["revision"], document=raw)
    act("schema_publish", revision=draft["revision"], note="Ours")
    assert "are waiting: 2." in doctor.release().text
