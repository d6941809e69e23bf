"""A schema document in YAML files, as ``schemas/`` holds it."""
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, Fault, path_text
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES, read

MAX_ALIASES = 100
# Portals' own files may name one anchor for each of their fields.
MAX_ALIASES_TAKEN = 10_000
MAX_DEPTH = 50
MAX_VALUES = 500_000
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Safe(_Base):
    """Safe YAML that says where a value can't be read."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, AttributeError, OverflowError, LookupError) as error:
            # What PyYAML lets through: a date such as 2016-30-09, or `!!bool x`.
            reason = f"not a {_tag(node.tag)}" if isinstance(error, LookupError) else str(error)
            raise _marked(node, f"{reason}; put dates and numbers in quotes") from None


class _Loader(_Safe):
    """Safe YAML that refuses a key given twice and a key that is no text."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key.value, str):
                raise _marked(key, "a key has to be a text")
            if key.value in seen:
                raise _marked(key, f"'{key.value}' is given twice")
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class _LastHolds(_Safe):
    """Safe YAML in which the last of two equal keys counts."""

    def construct_yaml_map(self, node: Any) -> Iterator[_Mapping]:
        keys = [key.value for key, _value in node.value if key.tag != _MERGE]
        data = _Mapping()
        yield data
        data.update(self.construct_mapping(node))
        data.repeated = _repeats(key for key in keys if isinstance(key, str))


_MERGE = "tag:yaml.org,2002:merge"
_LastHolds.add_constructor("tag:yaml.org,2002:map", _LastHolds.construct_yaml_map)


def parse_yaml(text: str, name: str) -> Any:
    """Plain data of a YAML text.

    :param text: the text, 5 MB at most
    :param name: the file's name, for the message
    :raises DocumentError: when it is too large or is not YAML
    """
    _check_size(text, name)
    try:
        _check_structure(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _unreadable(name, "YAML", _problem(error)) from None
    except UnicodeEncodeError as error:
        raise _unreadable(name, "YAML", str(error)) from None


def parse_json(text: str, name: str) -> Any:
    """Plain data of a JSON text.

    :param text: the text, 5 MB at most
    :param name: the file's name, for the message
    :raises DocumentError: when it is too large or is not JSON
    """
    _check_size(text, name)
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except ValueError as error:
        raise _unreadable(name, "JSON", str(error)) from None
    except RecursionError:
        raise _unreadable(name, "JSON", "it is nested too deeply") from None


@dataclass(frozen=True)
class RepeatedKey:
    """A key that a file gives twice in one mapping.

    :ivar path: the mapping's place, such as ``dataset_fields[3] (area)``
    :ivar key: the key
    """

    path: str
    key: str


def parse_last_holds(text: str, name: str) -> tuple[Any, list[RepeatedKey]]:
    """Plain data of a YAML or JSON text, in which the last of two equal keys counts.

    That is how ckanext-scheming reads files.

    :param text: the text, 5 MB at most
    :param name: the file's name: YAML where it ends in .yaml or .yml
    :returns: the data, and each key that was given twice
    :raises DocumentError: when it is too large or cannot be read
    """
    _check_size(text, name)
    yaml_text = name.lower().endswith((".yaml", ".yml"))
    try:
        if yaml_text:
            _check_structure(text, MAX_ALIASES_TAKEN)
            data = yaml.load(text, Loader=_LastHolds)
        else:
            data = json.loads(text, object_pairs_hook=_last_of_repeated)
        return data, list(_repeated_keys(data, (), data))
    except yaml.YAMLError as error:
        raise _unreadable(name, "YAML", _problem(error)) from None
    except ValueError as error:
        raise _unreadable(name, "YAML" if yaml_text else "JSON", str(error)) from None
    except RecursionError:
        raise _unreadable(name, "JSON", "it is nested too deeply") from None


class _Mapping(dict[Any, Any]):
    """A mapping that remembers which of its keys were given twice."""

    repeated: tuple[str, ...] = ()


def _last_of_repeated(pairs: list[tuple[str, Any]]) -> _Mapping:
    mapping = _Mapping(pairs)
    mapping.repeated = _repeats(key for key, _value in pairs)
    return mapping


def _repeats(keys: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(key) for key, times in Counter(keys).items() if times > 1)


def _repeated_keys(value: Any, location: tuple[Any, ...], whole: Any) -> Iterator[RepeatedKey]:
    if isinstance(value, _Mapping):
        for key in value.repeated:
            yield RepeatedKey(path_text(location, whole), key)
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from _repeated_keys(part, (*location, step), whole)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise ValueError(f"'{key}' is given twice")
        members[key] = value
    return members


def _check_size(text: str, name: str) -> None:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])


def _check_structure(text: str, most_aliases: int = MAX_ALIASES) -> None:
    """Refuse what would take the loader too long or too deep, before it builds anything.

    Aliases make a small text stand for a huge document, so values are counted as if each
    alias were written out.
    """
    sizes: dict[str, int] = {}
    open_parts: list[tuple[str | None, int]] = [(None, 0)]
    aliases = 0
    for event in yaml.parse(text, Loader=_Base):
        anchor, size = getattr(event, "anchor", None), 1
        _check_tag(event)
        if isinstance(event, yaml.CollectionStartEvent):
            open_parts.append((anchor, 1))
            _limit(event, "levels", len(open_parts) - 1, MAX_DEPTH)
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_parts.pop()
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            _limit(event, "aliases", aliases, most_aliases)
            if event.anchor not in sizes:
                # Inside the part that it names it would stand for an endless document.
                raise _marked(event, f"'*{event.anchor}' names nothing that stands before it")
            anchor, size = None, sizes[event.anchor]
        elif not isinstance(event, yaml.ScalarEvent):
            continue
        if anchor:
            sizes[anchor] = size
        outer, before = open_parts[-1]
        open_parts[-1] = (outer, before + size)
        _limit(event, "values", before + size, MAX_VALUES)


# The tags that give plain data, by the events that may have them. PyYAML makes a set or a
# list of pairs of others, or fails on a tag that doesn't fit what it is written before.
_TAGS: dict[type[yaml.Event], tuple[str, ...]] = {
    yaml.ScalarEvent: ("str", "bool", "int", "float", "null", "timestamp"),
    yaml.SequenceStartEvent: ("seq",),
    yaml.MappingStartEvent: ("map",),
}


def _check_tag(event: Any) -> None:
    tag = getattr(event, "tag", None)
    # `!` alone says that a value is what it looks like, in quotes a text.
    if tag and tag != "!" and tag.removeprefix(_STANDARD) not in _TAGS.get(type(event), ()):
        raise _marked(event, f"the tag {_tag(tag)} can't be used here; remove it")


_STANDARD = "tag:yaml.org,2002:"


def _tag(tag: str) -> str:
    """A tag as people write it: ``!!bool``."""
    return tag.replace(_STANDARD, "!!", 1)


def _limit(event: Any, what: str, number: int, most: int) -> None:
    if number > most:
        raise _marked(event, f"more than {most:,} {what}")


def _marked(place: Any, problem: str) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _unreadable(name: str, form: str, reason: str) -> DocumentError:
    return DocumentError([Fault(path=name, message=f"not readable as {form}: {reason}")])


class _Dumper(yaml.SafeDumper):
    """Safe YAML in which every text reads back as it was."""


def _text_node(dumper: _Dumper, text: str) -> Any:
    # PyYAML writes these line ends as they are, and reads them as something else.
    style = '"' if _LINE_ENDS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_LINE_ENDS = re.compile(r"[\r\x85\u2028\u2029]")
_Dumper.add_representer(str, _text_node)


def emit_yaml(data: Any) -> str:
    """Plain data as YAML, in the order it has."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def read_folder(folder: Path) -> Document:
    """The document that a folder's files make up.

    :param folder: holds dataset.yaml, organization.yaml, partner_types.yaml and
        vocabularies/*.yaml, which are taken in the order of their names
    :raises DocumentError: naming every fault
    :raises OSError: when a file is missing
    """
    dataset = _file(folder / "dataset.yaml")
    head = {key: dataset.pop(key) for key in ("format", "title", "about") if key in dataset}
    vocabularies = [_file(path) for path in sorted((folder / "vocabularies").glob("*.yaml"))]
    return read(
        {
            **head,
            "vocabularies": vocabularies,
            **_file(folder / "partner_types.yaml"),
            "dataset": dataset,
            "organization": _file(folder / "organization.yaml"),
        }
    )


def read_presets(path: Path) -> dict[str, dict[str, Any]]:
    """Presets by name, from a file in ckanext-scheming's form."""
    return {preset["preset_name"]: preset["values"] for preset in _file(path)["presets"]}


def read_file(path: Path) -> Document:
    """The document in one file.

    :param path: JSON when its name ends in .json, else YAML
    :raises DocumentError: naming every fault
    :raises OSError: when it cannot be read
    """
    parse = parse_json if path.suffix.lower() == ".json" else parse_yaml
    return read(parse(read_text(path), path.name))


def _file(path: Path) -> dict[str, Any]:
    data = parse_yaml(read_text(path), path.name)
    if not isinstance(data, dict):
        raise DocumentError([Fault(path=path.name, message="is empty or no mapping")])
    return data


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without the mark that spreadsheets put before it.

    :raises DocumentError: when it is too large or no such text
    :raises OSError: when it cannot be read
    """
    with path.open("rb") as file:
        # One byte more than allowed is enough to see that there are too many.
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DocumentError([Fault(path=path.name, message=f"larger than {MAX_BYTES:,} bytes")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not text in UTF-8 (byte {error.start + 1})"
        raise DocumentError([Fault(path=path.name, message=message)]) from None
