"""The pages of the draft."""
from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from metadata_schema.editing import act

DRAFT = "/metadata-schema/draft"


def text(response: Any) -> str:
    return " ".join(BeautifulSoup(response.body, "html.parser").get_text(" ").split())


def test_a_draft_is_started_undone_and_discarded(app: Any, curators: list[str], as_user: Any) -> None:
    headers = as_user(curators[1])
    assert "Start a draft" in text(app.get(DRAFT, headers=headers))
    page = text(app.post(f"{DRAFT}/start", headers=headers))
    assert "Draft of version 2 based on version 1 0 changes saved" in page

    document = act("schema_draft_show")["document"]
    act("schema_draft_update", revision=1, document={**document, "title": "Our schema"})
    assert "1 change saved" in text(app.get(DRAFT, headers=headers))
    assert "0 changes saved" in text(app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "2"}))
    assert "nothing to undo" in text(app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "3"}))
    app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "x"}, status=400)

    assert "Keep the draft" in text(app.get(f"{DRAFT}/discard", headers=headers))
    late = text(app.post(f"{DRAFT}/discard", headers=headers, data={"revision": "2"}))
    assert "was changed meanwhile" in late
    assert "is discarded" in text(app.post(f"{DRAFT}/discard", headers=headers, data={"revision": "3"}))
    assert "Start a draft" in text(app.get(DRAFT, headers=headers))


def test_others_may_not(app: Any, curators: list[str], as_user: Any) -> None:
    act("schema_draft_create")
    from ckan.tests import factories

    headers = as_user(factories.User()["name"])
    for path in ("", "/organization", "/discard", "/status"):
        app.get(DRAFT + path, headers=headers, status=403)
    for path in ("/start", "/undo", "/discard", "/up-to-date"):
        app.post(DRAFT + path, headers=headers, data={"revision": "1"}, status=403)
    app.get(f"{DRAFT}/status", headers={"HX-Request": "true"}, status=401)
