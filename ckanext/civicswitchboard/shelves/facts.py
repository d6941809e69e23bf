"""What of a record can be shared, out of each form in which records come."""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.related.decades import decades
from ckanext.civicswitchboard.core.related.reasons import Facts
from ckanext.civicswitchboard.schema_registry import versions

Record = dict[str, Any]

# Enough of a description to tell what a dataset is about.
NOTES_LENGTH = 2000
NEIGHBORHOOD = "Neighborhood"


def of_dataset(shown: Record) -> Facts:
    """What a shown dataset can share.

    :param shown: as of package_show
    """
    organization = shown.get("organization") or {}
    values = by_id(shown)
    return Facts(
        title=shown.get("title") or shown["name"],
        tags=tuple(tag["name"] for tag in shown.get("tags") or []),
        groups={
            group["name"]: group.get("title") or group.get("display_name") or group["name"]
            for group in shown.get("groups") or []
        },
        themes=_themes(texts(values["theme"])),
        places=tuple(texts(values["places"])),
        collection=_text(values["collection"]),
        decades=_decades(values, shown.get("title") or ""),
        publisher=_publisher(organization.get("name"), organization.get("title")),
        notes=(shown.get("notes") or "")[:NOTES_LENGTH],
        by_neighborhood=values["geographic_unit"] == NEIGHBORHOOD,
    )


# What is asked of the search index for the facts of a dataset there.
INDEXED = [
    "id", "name", "title", "notes", "tags", "groups", "organization",
    "vocab_civicswitchboard_theme", "vocab_civicswitchboard_collection", "vocab_civicswitchboard_places",
    "vocab_civicswitchboard_decades",
]  # fmt: skip


def of_indexed(document: Record, organization_title: str) -> Facts:
    """What a dataset in the search index can share.

    :param document: with the fields of INDEXED
    :param organization_title: its publisher's title of today
    """
    return Facts(
        title=document.get("title") or document["name"],
        tags=tuple(document.get("tags") or ()),
        groups={name: name for name in document.get("groups") or ()},
        themes=_themes(document.get("vocab_civicswitchboard_theme") or ()),
        places=tuple(document.get("vocab_civicswitchboard_places") or ()),
        collection=_text(document.get("vocab_civicswitchboard_collection")),
        decades=tuple(
            int(text.rstrip("s")) for text in document.get("vocab_civicswitchboard_decades") or ()
        ),
        publisher=_publisher(document.get("organization"), organization_title),
        notes=(document.get("notes") or "")[:NOTES_LENGTH],
    )


def of_public_datasets() -> Iterator[Facts]:
    """What every public active dataset can share, read from the database."""
    for row in model.Session.execute(_select_public()):
        values = dict(zip(_SHARED, row[5:]))
        yield Facts(
            title=row.title or "",
            tags=tuple(row.tags or ()),
            groups={name: name for name in row.groups or ()},
            themes={value: value for value in texts(values["theme"])},
            places=tuple(texts(values["places"])),
            collection=_text(values["collection"]),
            decades=_decades(values, row.title or ""),
            publisher=_publisher(row.name, row.organization_title),
        )


# Fields by their lasting ids, under whatever name records hold them.
_SHARED = (
    "theme", "places", "collection", "geographic_unit", "temporal_start", "temporal_end", "temporal_coverage",
)  # fmt: skip


def by_id(record: Record) -> Record:
    """What a record holds in the fields that can be shared, by their lasting ids.

    :param record: values by the names of today
    """
    known = versions.current().by_id["dataset"]
    return {kind: record.get(known[kind].field_name) if kind in known else None for kind in _SHARED}


def _stored(field_id: str) -> Any:
    """The SQL of a field's value; a repair may not have moved it to the name of today yet."""
    snapshot = versions.current()
    field = snapshot.by_id["dataset"].get(field_id)
    earlier = snapshot.earlier_names["dataset"].items()
    names = [field.field_name, *(name for name, now in earlier if now == field.field_name)] if field else []
    values = [sa.func.nullif(model.Package.extras[name].astext, "") for name in names]
    return sa.func.coalesce(*values, sa.null())


def _select_public() -> sa.Select[Any]:
    package, group, member, tagged = model.Package, model.Group, model.Member, model.PackageTag
    tags = (
        sa.select(sa.func.array_agg(model.Tag.name))
        .join(tagged, tagged.tag_id == model.Tag.id)
        .where(tagged.package_id == package.id, tagged.state == "active")
        .correlate(package)
        .scalar_subquery()
    )
    filed = sa.orm.aliased(group)
    groups = (
        sa.select(sa.func.array_agg(filed.name))
        .join(member, member.group_id == filed.id)
        .where(
            member.table_id == package.id,
            member.table_name == "package",
            member.state == "active",
            filed.state == "active",
            filed.is_organization.is_(False),
        )
        .correlate(package)
        .scalar_subquery()
    )
    return (
        sa.select(
            package.title,
            group.name,
            group.title.label("organization_title"),
            tags.label("tags"),
            groups.label("groups"),
            *map(_stored, _SHARED),
        )
        .outerjoin(group, group.id == package.owner_org)
        .where(
            package.state == "active", package.private.is_(False), package.type == "dataset"
        )
    )


def texts(value: Any) -> list[str]:
    """The texts of a value that holds several: a list, or one as JSON; nothing else is any."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    if not isinstance(value, list | tuple):
        return []
    return [member for member in value if isinstance(member, str) and member.strip()]


def periods(record: Record) -> tuple[str, str, str]:
    """A record's dates of begin and end, and its period in the source's words.

    :param record: as of :func:`by_id`
    """
    start, end, coverage = (
        _text(record.get(key)) for key in ("temporal_start", "temporal_end", "temporal_coverage")
    )
    return start, end, coverage


def _decades(record: Record, title: str) -> tuple[int, ...]:
    return decades(*periods(record), title)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _publisher(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)


def _themes(values: Iterable[str]) -> dict[str, str]:
    snapshot = versions.current()
    field = snapshot.by_id["dataset"].get("theme")
    terms = snapshot.terms.get(field.vocabulary, {}) if field else {}
    text = tk.h.scheming_language_text
    return {value: text(terms[value].label) if value in terms else value for value in values}
