"""What a repair does to a record, in words that a person reads on a page."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import is_empty
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.repairs import activity
from ckanext.civicswitchboard.schema_registry import people, versions


@dataclass(frozen=True)
class Change:
    """A field of a record, before and after.

    :ivar label: what the field is called
    """

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Past:
    """What a run did to a dataset or one of its files.

    :ivar run: the run's id
    :ivar file: what its file is called, empty where it is the dataset itself that changed
    :ivar state: ``changed``, ``undone`` or ``kept``
    """

    run: str
    text: str
    file: str
    author: str | None
    made: Any
    state: str
    changes: list[Change]


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], entity: Entity, version: int = 0
) -> list[Change]:
    """What changes in a record, field by field.

    :param entity: whose record it is
    :param version: under which version it changed, where fields may be gone since
    """
    names = {**dict.fromkeys(before), **dict.fromkeys(after)}
    return [
        Change(
            label(name, entity, version),
            said(name, before.get(name), entity, version),
            said(name, after.get(name), entity, version),
        )
        for name in names
    ]


def label(name: str, entity: Entity, version: int = 0) -> str:
    """What a field is called, with its name; the name alone where it is none."""
    called = title(name, entity, version)
    return f"{called} ({name})" if called != name else name


def title(name: str, entity: Entity, version: int = 0) -> str:
    """What a field is called; its name where it is none.

    :param entity: whose field it is
    :param version: an earlier version that may have it
    """
    field = _field(name, entity, version)
    return str(tk.h.scheming_language_text(field.field.label)) if field else name


def said(name: str, value: Any, entity: Entity, version: int = 0) -> str:
    """A field's stored value as people call it; empty when there is none."""
    return plain(value, _field(name, entity, version))


def _field(name: str, entity: Entity, version: int) -> CompiledField | None:
    """A field of the current version; of an earlier one where it is gone, or the name is another's since."""
    now = versions.current()
    field = now.known(entity, name)
    if version in (0, now.version) or (field and name not in now.exchanged_names[entity]):
        return field
    then = versions.of_version(version)
    return (then.known(entity, name) if then else None) or field


def plain(value: Any, field: CompiledField | None = None) -> str:
    """A value as a person reads it; empty when there is none.

    :param field: the field or the part that holds it, for what people call its terms and its parts; the
        value is given as it is stored where none is given
    """
    if is_empty(value):
        return ""
    loaded = _loaded(value) if isinstance(value, str) else value
    if isinstance(loaded, list) and loaded:
        return "; ".join(_entry(member, field) for member in loaded)
    return _called(value, field) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entry(row: Any, field: CompiledField | None) -> str:
    if isinstance(row, dict):
        return ", ".join(_part(name, value, field) for name, value in row.items() if not is_empty(value))
    return _called(str(row), field)


def _part(name: str, value: Any, field: CompiledField | None) -> str:
    if field is None:
        return f"{name}: {plain(value)}"
    # A part that is no longer offered keeps its label.
    labels = {part.field_name: part.label for part in field.field.repeating_subfields}
    return f"{tk.h.scheming_language_text(labels.get(name, name))}: {plain(value, field.part(name))}"


def _called(value: str, field: CompiledField | None) -> str:
    if field is None:
        return value
    if field.field.preset == "license":
        return activity.licenses().get(value, value)
    return str(tk.h.scheming_language_text(field.called(value)))


def _loaded(text: str) -> Any:
    if not text.startswith("["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def history(dataset: Mapping[str, Any]) -> list[Past]:
    """What repairs did to a dataset, for those who edit it and those who watch over repairs."""
    edits = tk.h.check_access("package_update", {"id": dataset.get("id")})
    if not (edits or tk.h.check_access("civicswitchboard_repair_show")):
        return []
    reader = Reader.of({"user": tk.current_user.name})
    return list(_past(repair_journal.of_dataset(str(dataset["id"]), deleted_files=edits), reader))


def _past(lines: Iterable[Any], reader: Reader) -> Iterable[Past]:
    lines = list(lines)
    files = repair_journal.files({line.record for _run, line in lines if line.entity == "resource"})
    for run, line in lines:
        yield Past(
            run=run.id,
            text=activity.words(run, reader),
            file=files.get(line.record, ""),
            author=people.name(run.author),
            made=line.made,
            state=line.state,
            changes=changes(json.loads(line.before), json.loads(line.after), line.entity, run.version),
        )


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Template helpers by name."""
    return {
        "civicswitchboard_repair_changes": changes,
        "civicswitchboard_repair_history": history,
        "civicswitchboard_field_title": title,
        "civicswitchboard_said": said,
    }
