"""A line of a file to a record: read strictly, so that nothing is lost in the reading."""
from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ckanext.civicswitchboard.core.importer.plan import RecordError
from ckanext.civicswitchboard.core.schema.input_checks import UNSTORABLE

TOO_DEEP = "it is nested too deep to be read"


def read_line(line: bytes) -> tuple[dict[str, Any], bool]:
    """The record of a line.

    :param line: its bytes
    :returns: the record, and whether characters that cannot be stored were replaced
    :raises RecordError: when it is no record, saying what to do
    """
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(
            f"byte {error.start + 1} is not UTF-8; save the file with that encoding"
        ) from None
    record = _loaded(text)
    if not isinstance(record, dict):
        raise RecordError("it is no JSON object; write one record per line, as {“name”: …}")
    if UNSTORABLE.search(text) or "\\u" in text:
        try:
            return _storable(record)
        except RecursionError:
            raise RecordError(TOO_DEEP) from None
    return record, False


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecordError:
        raise
    except RecursionError:
        raise RecordError(TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise RecordError(
            f"it is no JSON at character {error.pos + 1} ({error.msg}); "
            "write one whole record per line"
        ) from None
    except ValueError as error:
        raise RecordError(f"it is no JSON that can be read ({error})") from None


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise RecordError(f"it has “{key}” twice; keep one of them")
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise RecordError(f"{name} is no JSON value; write null or a number")


def _storable(record: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    replaced = False

    def mended(value: Any) -> Any:
        nonlocal replaced
        if isinstance(value, str):
            text, count = UNSTORABLE.subn("\N{REPLACEMENT CHARACTER}", value)
            replaced = replaced or count > 0
            return text
        if isinstance(value, list):
            return [mended(member) for member in value]
        if isinstance(value, dict):
            return {mended(key): mended(member) for key, member in value.items()}
        return value

    return mended(record), replaced
