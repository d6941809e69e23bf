"""A draft whose texts are written in several languages."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from support.editing import act

DRAFT = "/metadata-schema/draft"
pytestmark = [pytest.mark.ckan_config("civicswitchboard.schema.languages", "en es")]


def held() -> Any:
    return act("schema_draft_show")["document"]


def one(things: Any, key: str) -> Any:
    return next(each for each in things if key in (each.get("id"), each.get("name")))


def test_every_text_has_an_input_for_each_language(app: Any, curators: list[str], as_user: Any) -> None:
    act("schema_draft_create")
    headers = as_user(curators[1])

    def shown(path: str) -> dict[str, str]:
        page = BeautifulSoup(app.get(f"{DRAFT}{path}", headers=headers).body, "html.parser")
        inputs = page.select("article.csw-draft input[name], article.csw-draft textarea[name]")
        return {each["name"]: each.get("value", each.text) for each in inputs}

    def post(path: str, **data: str) -> None:
        given = {"revision": str(act("schema_draft_show")["revision"]), **data}
        assert app.post(f"{DRAFT}{path}", headers=headers, data=given).status_code == 200

    who = "/sections/dataset/who"
    assert shown(who)["label.en"] == "Who" and shown(who)["label.es"] == "" and "label" not in shown(who)
    post(who, **{"label.en": "Who", "label.es": "Quién", "description.en": "", "description.es": "Las personas"})
    section = one(held()["dataset"]["sections"], "who")
    assert (section["label"], section["description"]) == ({"en": "Who", "es": "Quién"}, {"es": "Las personas"})
    assert shown(who)["label.es"] == "Quién" and shown(who)["description.en"] == ""
    post(who, **{"label.en": "Who", "label.es": "", "description.en": "", "description.es": ""})
    assert one(held()["dataset"]["sections"], "who")["label"] == "Who" and "description" not in one(
        held()["dataset"]["sections"], "who")
    post(who, **{"label.en": "", "label.es": "", "description.en": "", "description.es": ""})
    assert one(held()["dataset"]["sections"], "who")["label"] == "Who", "a section has a name"

    theme = "/vocabularies/theme"
    assert {"label.en", "label.es", "description.en", "description.es"} <= set(shown(theme))
    before = one(held()["vocabularies"], "theme")
    post(theme, set_vocabulary="", uri=before.get("uri", ""), note="", **{
        "label.en": before["label"], "label.es": "Tema", "description.en": before.get("description", ""),
        "description.es": "De qué trata"})
    vocabulary = one(held()["vocabularies"], "theme")
    assert vocabulary["label"] == {"en": before["label"], "es": "Tema"}
    assert vocabulary["description"]["es"] == "De qué trata" and vocabulary["terms"] == before["terms"]

    health = one(before["terms"], "health")
    post(theme, set="", term="health", alternate_labels="", uri=health.get("uri", ""), source=health.get("source", ""),
         note="", broader="", **{"label.en": "Health", "label.es": "Salud", "definition.en": "", "definition.es": "",
                                 "scope_note.en": "", "scope_note.es": "Incluye hospitales"})
    term = one(one(held()["vocabularies"], "theme")["terms"], "health")
    assert (term["label"], term["scope_note"]) == ({"en": "Health", "es": "Salud"}, {"es": "Incluye hospitales"})
    assert shown(f"{theme}?term=health")["label.es"] == "Salud"

    museum = one(held()["partner_types"], "museum")
    post("/partner-types", set="", type="museum", sector=museum["sector"], icon=museum["icon"], note="", **{
        "label.en": museum["label"], "label.es": "Museo", "description.en": museum.get("description", ""), "description.es": ""})
    assert one(held()["partner_types"], "museum") == {**museum, "label": {"en": museum["label"], "es": "Museo"}}


def test_what_nobody_translated_is_no_change(app: Any, curators: list[str], as_user: Any) -> None:
    act("schema_draft_create")
    app.post(f"{DRAFT}/fields/dataset/data_notes", headers=as_user(curators[0]),
             data={"revision": "1", "label.en": "Data notes", "label.es": ""})
    assert act("schema_diff", from_version="1", to_version="draft")["changes"] == []
