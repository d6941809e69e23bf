"""What a caller sends, looked at before anything reads it: what no database stores is refused
with its place, instead of failing somewhere in the middle of a save."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

# What PostgreSQL stores as an integer at the most.
LARGEST = 2**31 - 1

# PostgreSQL stores no NUL, and half of a surrogate pair is no character.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# No record has more levels of lists in lists.
MOST_LEVELS = 100

# As of core's names; what is longer than 32,766 bytes the search index refuses after the commit.
LONGEST_TYPE = 100

NO_CHARACTER = N_("This has a character that can't be stored. Type it again, or paste it as plain text")
NO_TEXT = N_("This has to be a text")
TOO_LONG = N_("This is too long to be the name of a kind of record")
TOO_DEEP = N_("This has too many levels of nested lists")
NO_NAME = N_("This input has no name. Name every input of the form")
NO_FIELD = N_("This can’t be the name of a field")
NO_NUMBER = N_("Enter a whole number, such as 20")
NO_FLAG = N_("Enter true or false")
NO_ADDRESS = N_("This isn’t a web address we can read. Check its square brackets")
NO_FILE = N_("A file can’t be kept here")
NO_LIST = N_("This has to be a list of texts")
NO_PARAMETERS = N_("Send the parameters by their names")
NO_RECORD = N_("This has to be a list of records, each with names and values")

Errors = dict[str, Any]


def faults(entity: Entity, record: Mapping[str, Any]) -> Errors:
    """What of a record cannot be read or stored, whatever its fields ask for.

    :param entity: whose record it is
    :param record: the record as it was sent
    :returns: sentences to be translated, by name as validation gives them; empty when all is well
    """
    errors: Errors = {}
    for name, value in record.items():
        if name == "resources" and entity == "dataset" and isinstance(value, list):
            of_files = [_of_file(member) for member in value]
            if any(of_files):
                errors[name] = of_files
        elif not all(map(storable, (name, *texts(value)))):
            errors[UNSTORABLE.sub("", name)] = _error(name, NO_CHARACTER)
        elif name in _RECORDS and entity != "resource" and not _are_records(value):
            errors[name] = _error(name, NO_RECORD)
        elif name in _TEXTS[entity] and not _is_text(value):
            errors[name] = [NO_TEXT]
        elif entity == "resource" and name == "url" and not _can_be_split(value):
            errors[name] = [NO_ADDRESS]
        elif name == "type" and name in _TEXTS[entity] and len(str(value)) > LONGEST_TYPE:
            errors[name] = [TOO_LONG]
    return errors


def faults_of_call(data_dict: dict[str, Any], is_record: bool = False) -> Errors:
    """What one of core's actions can't read of what it is sent, whatever the action is.

    Core asks the database for whatever it takes for a name. Numbers are made texts, in place.

    :param given: what was sent, files among it
    :param is_record: whether it is a record that is saved, with fields of any name
    :returns: sentences to be translated, by name; empty when all is well
    """
    references = _REFERENCES if is_record else _MORE_REFERENCES
    lost = lost_files(data_dict)
    errors: Errors = {}
    for name, value in data_dict.items():
        if not isinstance(name, str):
            errors[""] = [NO_NAME]
        elif name in _NAVLS_OWN or _has_navls_own(name, value):
            errors[name] = [NO_FIELD]
        elif is_too_deep(value):
            errors[UNSTORABLE.sub("", name)] = _error(name, TOO_DEEP)
        elif not all(map(storable, (name, *texts(value), *_file_names(value)))):
            errors[UNSTORABLE.sub("", name)] = _error(name, NO_CHARACTER)
        elif not _names(name, value, references):
            errors[name] = _error(name, NO_TEXT)
        elif name in lost:
            errors[name] = _error(name, NO_FILE)
        elif (
            name == "order"
            and not is_record
            and not all(isinstance(member, str) for member in _as_list(value))
        ):
            errors[name] = [NO_LIST]
        elif name in references and _is_number(value):
            data_dict[name] = str(value)
    return errors


def lost_files(record: Mapping[Any, Any], uploaded: bool = False) -> list[Any]:
    """Files among what was sent that nothing would keep.

    :param record: what was sent
    :param uploaded: whether CKAN and its plugins have taken the files that they know; until then
        any name that ends with ``upload`` may be one of theirs
    :returns: their names
    """
    return [
        name for name, value in record.items()
        if is_file(value) and (uploaded or not str(name).endswith("upload"))
    ]


def faults_of_question(data_dict: dict[str, Any]) -> Errors:
    """What one of core's actions that show, list or search can't read of what it is asked.

    Core's actions read these before any validator, or by ones that break on blanks. In place, numbers
    left blank are left out, and those that the database can't count to are the largest it can.

    :param given: what was sent
    :returns: sentences to be translated, by name; empty when all is well
    """
    for name in _COUNTS & data_dict.keys():
        if _is_blank(data_dict[name]):
            del data_dict[name]
        elif whole_number(data_dict[name]) == LARGEST:
            data_dict[name] = LARGEST
    if "extras" in data_dict and not data_dict["extras"]:
        del data_dict["extras"]
    errors: Errors = {}
    for name, value in data_dict.items():
        if name in _COUNTS and whole_number(value) is None and not _is_minus_one(name, value):
            errors[name] = [NO_NUMBER]
        elif (name.startswith("include_") or name in _FLAGS) and not _is_flag(value):
            errors[name] = [NO_FLAG]
        elif name in _WORDS and not isinstance(value, (str, type(None))):
            errors[name] = [NO_TEXT]
        elif name in _LISTS and not all(isinstance(member, str) for member in _as_list(value)):
            errors[name] = [NO_LIST]
        elif name == "extras" and not isinstance(value, dict):
            errors[name] = [NO_PARAMETERS]
    return errors


def make_texts(entity: Entity, record: dict[str, Any]) -> None:
    """Make numbers texts where core keeps texts, as scripts send ``version: 2``.

    In place: core's forms go on with the very record that they hand to an action.
    """
    for name in _TEXTS[entity] & record.keys():
        if _is_number(record[name]):
            record[name] = str(record[name])
    if entity == "dataset" and isinstance(record.get("resources"), list):
        for resource in record["resources"]:
            if isinstance(resource, dict):
                make_texts("resource", resource)


def storable(text: str) -> bool:
    """Whether a text can be stored."""
    return UNSTORABLE.search(text) is None


def whole_number(typed: Any, most: int = LARGEST) -> int | None:
    """The whole number that an address or a form names, such as a version's; None when it names none.

    :param typed: what was sent
    :param most: a larger number is taken for this one
    """
    text = str(typed).strip() if isinstance(typed, (str, int)) else ""
    if not text.isascii() or not text.isdigit():
        return None
    # Python reads numbers of some thousand digits at the most.
    return most if len(text) > len(str(most)) else min(int(text), most)


def is_too_deep(value: Any) -> bool:
    """Whether a value has more than :data:`MOST_LEVELS` levels of lists in lists."""
    level = [value]
    for _ in range(MOST_LEVELS):
        inner: list[Any] = []
        for member in level:
            if isinstance(member, Mapping):
                inner += [one for one in member.values() if isinstance(one, (dict, list, tuple))]
            elif isinstance(member, (list, tuple)):
                inner += [one for one in member if isinstance(one, (dict, list, tuple))]
        if not inner:
            return False
        level = inner
    return True


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, names in it too, however deep it is."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, Mapping):
            waiting += [*current.keys(), *current.values()]
        elif isinstance(current, (list, tuple)):
            waiting += current


# What core reads as text before any validator has seen it, beside what it stores as text.
_TEXTS: Mapping[Entity, frozenset[str]] = {
    entity: names | {"id", "package_id" if entity == "resource" else "type"}
    for entity, names in CORE_FIELDS.items()
}
# By these core's actions find what they are about.
_REFERENCES = frozenset("id name type owner_org".split())
# By these too, but for those that save a record, which may have fields of these names.
_MORE_REFERENCES = _REFERENCES | frozenset(
    "package_id dataset_id organization_id vocabulary_id object object_type capacity".split()
)
# Under these names navl keeps what no validator is for.
_NAVLS_OWN = frozenset("__extras __junk __before __after".split())
# The database wants these of every member.
_MEMBERSHIP = frozenset("object object_type capacity".split())
# What core's actions that show, list and search read, by what each is.
_COUNTS = frozenset({"limit", "offset", "rows", "start", "facet.limit", "facet.mincount"})
_FLAGS = frozenset({"all_fields", "use_default_schema"})
_WORDS = frozenset("q fq sort order_by name_or_id".split())
_LISTS = frozenset("groups organizations fq_list fl".split())
_TRUE_OR_FALSE = frozenset("true yes on y t 1 false no off n f 0".split())
# Lists of records of core's own.
_RECORDS = frozenset({"resources", "extras", "tags", "groups", "users"})


def _error(name: str, message: str) -> list[Any]:
    """A message in the form that core's errors have under a name."""
    inner = {"tags": "name", "extras": "key"}.get(name)
    return [{inner: [message]}] if inner else [message]


def _are_records(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(member, Mapping) for member in value))


def _of_file(resource: Any) -> Errors:
    return faults("resource", resource) if isinstance(resource, Mapping) else {"url": [NO_RECORD]}


def _is_text(value: Any) -> bool:
    # Of what can be sent; core hands its own actions an id as a row of the database too.
    return not isinstance(value, (bool, list, Mapping)) and not is_file(value)


def _has_navls_own(name: str, value: Any) -> bool:
    resources = value if name == "resources" and isinstance(value, list) else []
    return any(
        isinstance(resource, Mapping) and not _NAVLS_OWN.isdisjoint(resource) for resource in resources
    )


def is_file(value: Any) -> bool:
    """Whether it is a file of a form, as Werkzeug gives it."""
    return hasattr(value, "filename") and hasattr(value, "stream")


def _names(name: str, value: Any, references: frozenset[str]) -> bool:
    """Whether it can name something, where it has to."""
    return name not in references or (_is_text(value) and not (value is None and name in _MEMBERSHIP))


def _can_be_split(address: Any) -> bool:
    """Whether Python can take an address apart, as core's uploads do."""
    try:
        urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        return False
    return True


def _file_names(value: Any) -> Iterator[str]:
    if is_file(value):
        yield str(value.filename or "")


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_minus_one(name: str, value: Any) -> bool:
    """Whether it asks for facets without a limit."""
    return name == "facet.limit" and str(value) == "-1"


def _is_flag(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int)) or str(value).strip().lower() in _TRUE_OR_FALSE


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
