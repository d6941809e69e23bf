"""What a caller sends, looked at before anything reads it: what no database stores is refused
with its place, instead of failing somewhere in the middle of a save."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS
from ckanext.civicswitchboard.core.wording import N_

# PostgreSQL stores no NUL, and half of a surrogate pair is no character.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# As of core's names; what is longer than 32,766 bytes the search index refuses after the commit.
LONGEST_TYPE = 100

NO_CHARACTER = N_("This holds a character that cannot be stored. Type it anew, or paste it as plain text")
NO_TEXT = N_("This has to be a text")
TOO_LONG = N_("This is too long to be the name of a kind of record")
NO_RECORD = N_("This has to be a list of records, each with names and values")

Errors = dict[str, Any]


def faults(entity: Entity, given: Mapping[str, Any]) -> Errors:
    """What of a record cannot be read or stored, whatever its fields ask for.

    :param entity: whose record it is
    :param given: the record as it was sent
    :returns: sentences to be translated, by name as validation gives them; empty when all is well
    """
    found: Errors = {}
    for name, value in given.items():
        if name == "resources" and entity == "dataset" and isinstance(value, list):
            of_files = [_of_file(each) for each in value]
            if any(of_files):
                found[name] = of_files
        elif not all(map(storable, (name, *texts(value)))):
            found[UNSTORABLE.sub("", name)] = _told(name, NO_CHARACTER)
        elif name in _RECORDS and entity != "resource" and not _are_records(value):
            found[name] = _told(name, NO_RECORD)
        elif name in _TEXTS[entity] and not _is_text(value):
            found[name] = [NO_TEXT]
        elif name == "type" and name in _TEXTS[entity] and len(str(value)) > LONGEST_TYPE:
            found[name] = [TOO_LONG]
    return found


def make_texts(entity: Entity, given: dict[str, Any]) -> None:
    """Make numbers texts where core keeps texts, as scripts send ``version: 2``.

    In place: core's forms go on with the very record that they hand to an action.
    """
    for name in _TEXTS[entity] & given.keys():
        if _is_number(given[name]):
            given[name] = str(given[name])
    if entity == "dataset" and isinstance(given.get("resources"), list):
        for each in given["resources"]:
            if isinstance(each, dict):
                make_texts("resource", each)


def storable(text: str) -> bool:
    """Whether a text can be stored."""
    return UNSTORABLE.search(text) is None


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, names in it too, however deep it is."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, (list, tuple)):
            waiting += each


# What core reads as text before any validator has seen it, beside what it stores as text.
_TEXTS: Mapping[Entity, frozenset[str]] = {
    entity: names | {"id", "package_id" if entity == "resource" else "type"}
    for entity, names in CORE_FIELDS.items()
}
# Lists of records of core's own.
_RECORDS = frozenset({"resources", "extras", "tags", "groups", "users"})


def _told(name: str, message: str) -> list[Any]:
    """A message in the form that core's errors have under a name."""
    inner = {"tags": "name", "extras": "key"}.get(name)
    return [{inner: [message]}] if inner else [message]


def _are_records(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, Mapping) for each in value))


def _of_file(given: Any) -> Errors:
    return faults("resource", given) if isinstance(given, Mapping) else {"url": [NO_RECORD]}


def _is_text(value: Any) -> bool:
    # Of what JSON can hold; core hands its own actions an id as a row of the database too.
    return not isinstance(value, (bool, list, Mapping))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
