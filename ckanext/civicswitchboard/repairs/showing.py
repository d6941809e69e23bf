"""What a repair does to a record, in words that a person reads on a page."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.fieldtypes import is_empty
from ckanext.civicswitchboard.metadata_schema import live, people
from ckanext.civicswitchboard.repairs import journal, telling
from ckanext.civicswitchboard.repairs.access import Reader


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
    :ivar state: ``changed``, ``undone`` or ``kept``
    """

    run: str
    text: str
    author: str | None
    made: Any
    state: str
    changes: list[Change]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What changes in a record, field by field."""
    names = {**dict.fromkeys(before), **dict.fromkeys(after)}
    return [Change(label(name), plain(before.get(name)), plain(after.get(name))) for name in names]


def label(name: str) -> str:
    """What a field is called, with its name; the name alone where it is none."""
    called = title(name)
    return f"{called} ({name})" if called != name else name


def title(name: str) -> str:
    """What a field is called; its name where it is none."""
    for fields in live.current().fields.values():
        if name in fields:
            return str(tk.h.scheming_language_text(fields[name].field.label))
    return name


def plain(value: Any) -> str:
    """A stored value as a person reads it; empty when there is none."""
    if is_empty(value):
        return ""
    loaded = _loaded(value) if isinstance(value, str) else value
    if isinstance(loaded, list) and loaded:
        return "; ".join(_entry(each) for each in loaded)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entry(each: Any) -> str:
    if isinstance(each, dict):
        return ", ".join(f"{name}: {value}" for name, value in each.items() if not is_empty(value))
    return str(each)


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
    reader = Reader({"user": tk.current_user.name})
    return list(_past(journal.of_dataset(str(dataset["id"])), reader))


def _past(lines: Iterable[Any], reader: Reader) -> Iterable[Past]:
    for run, line in lines:
        yield Past(
            run=run.id,
            text=telling.words(run, reader),
            author=people.name(run.author),
            made=line.made,
            state=line.state,
            changes=changes(json.loads(line.before), json.loads(line.after)),
        )


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Template helpers by name."""
    return {
        "civicswitchboard_repair_changes": changes,
        "civicswitchboard_repair_history": history,
        "civicswitchboard_field_label": label,
        "civicswitchboard_field_title": title,
        "civicswitchboard_plain": plain,
    }
