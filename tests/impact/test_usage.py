"""How many records fill in which field: for the public page, and for curators."""
from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from bs4 import BeautifulSoup
from impact.writing import Row, write

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.schema_registry import versions

counted = import_module("ckanext.civicswitchboard.impact.usage")

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def a_few_records() -> None:
    write([
        Row("one", extras={"geographic_unit": "County", "theme": '["health", "energy"]', "depth": "2"}, tags=("a",)),
        Row("two", extras={"geographic_unit": "Attic", "theme": "[]"}),
        Row("hidden", extras={"geographic_unit": "Cellar", "theme": '["health"]'}, private=True),
    ])  # fmt: skip


def test_it_counts_everything_for_curators_and_what_is_public_for_everybody() -> None:
    a_few_records()
    everything, public = impact.usage("dataset"), impact.usage("dataset", public=True)
    assert (everything.total, public.total) == (3, 2)
    assert (everything.of("geographic_unit"), public.of("geographic_unit")) == (3, 2)
    assert everything.of("theme") == 2 and everything.of("tag_string") == 1 and everything.of("depth") == 1
    assert not everything.is_old


def test_what_files_hold_beside_what_core_stores_is_counted() -> None:
    write([
        Row("one", files=(({"name": "Table"}, '{"encoding": "UTF-8", "dictionary": [{"column": "Branch"}]}'), ({}, None))),
        Row("hidden", files=(({}, '{"encoding": "UTF-8", "dictionary": []}'),), private=True),
    ])  # fmt: skip
    everything, public = impact.usage("resource"), impact.usage("resource", public=True)
    assert (everything.total, public.total) == (3, 2)
    assert (everything.of("encoding"), public.of("encoding")) == (2, 1)
    assert (everything.of("name"), everything.of("dictionary"), everything.of("rows")) == (1, 1, 0)


def test_terms_are_counted_one_by_one_and_a_private_word_is_not_told() -> None:
    a_few_records()
    snapshot = versions.current()
    assert impact.term_usage(snapshot, "theme") == {"health": 2, "energy": 1}
    assert impact.term_usage(snapshot, "geographic_unit") == {"County": 1, "Attic": 1}
    assert impact.term_usage(snapshot, "theme", public=True) == {"health": 1, "energy": 1}
    assert impact.term_usage(snapshot, "Vocabulary not found") == {}


def test_figures_that_take_long_are_kept_and_renewed_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "QUICK", 0.0)
    a_few_records()
    assert impact.usage("dataset").total == 3
    write([Row("three")])
    assert impact.usage("dataset").total == 3
    later = counted.now() + timedelta(hours=2)
    monkeypatch.setattr(counted, "now", lambda: later)
    asked = []
    monkeypatch.setattr(counted.job_queue, "enqueue", lambda job, **more: asked.append(job))
    assert impact.usage("dataset").is_old and impact.usage("dataset").total == 3
    assert asked == [impact.refresh_usage]
    impact.refresh_usage()
    assert impact.usage("dataset").total == 4 and not impact.usage("dataset").is_old


def test_the_public_page_tells_it_of_each_field(app: Any) -> None:
    a_few_records()
    soup = BeautifulSoup(app.get("/metadata-schema").body, "html.parser")
    field = soup.find(id="dataset-field-geographic_unit")
    assert "filled in for 2 of 2 datasets" in field.get_text(" ")
