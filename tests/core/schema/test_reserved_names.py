"""Names that CKAN or the search index own cannot be taken."""
from __future__ import annotations

import pytest

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.reserved_names import (
    CORE_FIELDS,
    TRANSLATIONS,
    typed_in_index,
    why_impossible,
    why_reserved,
)


@pytest.mark.parametrize("entity", ["dataset", "resource", "organization"])
def test_fields_that_core_stores_may_be_described(entity: Entity) -> None:
    assert [name for name in CORE_FIELDS[entity] if why_reserved(entity, name)] == []


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ("dataset", "id"),
        ("dataset", "state"),
        ("dataset", "extras"),
        ("dataset", "resources"),
        ("dataset", "metadata_modified"),
        ("dataset", "license_title"),
        ("resource", "package_id"),
        ("resource", "url_type"),
        ("resource", "last_modified"),
        ("organization", "packages"),
        ("organization", "is_organization"),
    ],
)
def test_a_name_that_core_owns_is_refused(entity: Entity, name: str) -> None:
    assert why_reserved(entity, name) == "CKAN itself uses this name; choose another"


@pytest.mark.parametrize(
    "name", ["views_total", "data_dict", "extras_places", "vocab_theme", "res_format", "civicswitchboard_x"]
)
@pytest.mark.parametrize("entity", ["dataset", "resource"])
def test_a_name_that_the_index_owns_is_refused(entity: Entity, name: str) -> None:
    assert why_reserved(entity, name) == "the search index uses this name; choose another"


def test_a_name_that_the_index_takes_for_a_date_is_refused() -> None:
    assert "full date" in (why_reserved("dataset", "opening_date") or "")
    assert typed_in_index("opening_date") and typed_in_index("views_total")
    assert not typed_in_index("places")


@pytest.mark.parametrize("name", ["", "_version_", "Places", "2places", "a-b", "a b", "plätze", "a\n", "a.b", "a$"])
def test_a_name_is_a_plain_word(name: str) -> None:
    assert why_reserved("dataset", name) == "use small letters, digits and _ only, beginning with a letter"


@pytest.mark.parametrize("name", ["places", "a", "a1_b", "date_seen", "extra"])
def test_other_names_are_free(name: str) -> None:
    assert why_reserved("dataset", name) is None


@pytest.mark.parametrize("entity", ["dataset", "resource", "organization"])
def test_what_core_reads_as_translations_is_refused_to_new_fields_only(entity: Entity) -> None:
    names = {f"{name}_translated" for name in ("title", "notes", "name", "description")}
    assert names <= TRANSLATIONS
    for name in TRANSLATIONS:
        assert "read it as translations" in (why_reserved(entity, name) or "")
        assert why_impossible(entity, name) is None
