"""Which records a draft concerns, found out another way: for checking the counts in SQL.

Knows the rules as ``docs/schema-changes.md`` tells them and reads records as the API shows
them. Nothing of the code under test is used here.
"""
from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Raw = dict[str, Any]
# How many values are told of a change at most (docs/schema-changes.md).
MOST_VALUES = 100
Test = Callable[[Any], bool]
Matters = Callable[[Any], set[str]]
SEVERAL = {"multiple_select", "multiple_checkbox", "multiple_text", "partner_types"}
WITH_TERMS = {"select", "radio", "multiple_select", "multiple_checkbox"}
CHECKED = {"dataset_slug", "organization_slug", "partner_type", "partner_types", "geojson",
           "partial_date", "email", "link", "number", *WITH_TERMS}  # fmt: skip


@dataclass
class Expected:
    """The records that a change concerns.

    :ivar values: the values that matter, with the number of records that hold each; each file is one
    """

    datasets: dict[str, str | None] = field(default_factory=dict)
    resources: int = 0
    organizations: set[str] = field(default_factory=set)
    values: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How many records; files are parts of datasets."""
        return len(self.datasets) + len(self.organizations)

    def by_organization(self) -> dict[str, int]:
        """How many records of which organization."""
        return dict(Counter(owner or "" for owner in self.datasets.values()) + Counter(self.organizations))


@dataclass(frozen=True)
class Asking:
    """A question: whose value under which name, and what about it.

    :ivar matters: which single values of a record are meant
    """

    entity: str
    name: str
    concerns: Test
    part: str = ""
    partner_type: str = ""
    matters: Matters = lambda value: set()


class Checker:
    """Compares two documents and asks record by record.

    :param before: the current document, as the API gives it
    :param after: the draft
    """

    def __init__(self, before: Raw, after: Raw) -> None:
        self.before, self.after = before, after
        self.queries = {key: list(asked) for key, asked in self._changes()}

    def check(self, datasets: Iterable[Raw], organizations: Iterable[Raw] = ()) -> dict[Any, Expected]:
        """Ask all records.

        :param datasets: as package_show gives them
        :param organizations: as organization_show gives them
        """
        datasets, organizations = list(datasets), list(organizations)
        return {key: _found(asked, datasets, organizations) for key, asked in self.queries.items()}

    def other_keys(self, datasets: Iterable[Raw], organizations: Iterable[Raw] = ()) -> dict[Any, Expected]:
        """The records that keep something under the name of a field that is added; as of :meth:`check`."""
        datasets, organizations = list(datasets), list(organizations)
        return {
            ("field_added", entity, becomes["id"], ""): _found(
                [Asking(entity, becomes["field_name"], _present)], datasets, organizations
            )
            for entity, place, fields in _ENTITIES
            for becomes in _added(self.before[place].get(fields, []), self.after[place].get(fields, []))
        }

    def unreadable(self, datasets: Iterable[Raw], organizations: Iterable[Raw] = ()) -> dict[Any, Expected]:
        """The records that hold what is stored as a list and is none, by entity and name; as of :meth:`check`."""
        datasets, organizations = list(datasets), list(organizations)
        found = {
            (entity, declared["field_name"]): _found(
                [Asking(entity, declared["field_name"], _malformed(_shape(declared)))], datasets, organizations
            )
            for entity, place, fields in _ENTITIES
            for declared in self.before[place].get(fields, [])
            if _shape(declared) != "text"
        }
        return {key: each for key, each in found.items() if each.count}

    def differences(self, datasets: Iterable[Raw], organizations: Iterable[Raw], told: Raw) -> list[str]:
        """Where figures are not what is found record by record, in words.

        :param told: as ``civicswitchboard_schema_impact`` gives it, for a reader who may see all
        """
        datasets, organizations = list(datasets), list(organizations)
        expected = self.check(datasets, organizations)
        others = self.other_keys(datasets, organizations)
        changes = {(c["kind"], c["entity"], c["field"], c["part"]): c for c in told["changes"]}
        problems = []
        for key, change in changes.items():
            mine, fills = expected.get(key, Expected()), others.get(key, Expected())
            problems += _differences(key, mine, change)
            keys = [{"key": self._new_name(key), "count": fills.count}] if fills.count else []
            if change["other_keys"] != keys:
                problems.append(f"{key}: other keys by record {keys}, counted {change['other_keys']}")
        missed = {key for key, each in expected.items() if each.count} - set(changes)
        problems += [f"{key}: not told" for key in sorted(missed)]
        broken = self.unreadable(datasets, organizations)
        findings = {(each["entity"], each["field"]): each for each in told["unreadable"]}
        for place in broken.keys() | findings.keys():
            if place not in broken or place not in findings:
                problems.append(f"{place}: unreadable by record {broken.get(place)}, told {findings.get(place)}")
            else:
                problems += _differences(place, broken[place], findings[place])
        return problems

    def _new_name(self, key: Any) -> str:
        _kind, entity, field_id, _part = key
        place, fields = next((place, fields) for each, place, fields in _ENTITIES if each == entity)
        return str(next(each["field_name"] for each in self.after[place][fields] if each["id"] == field_id))

    def _changes(self) -> Iterator[tuple[Any, Iterator[Asking]]]:
        for entity, place, fields in _ENTITIES:
            old = {each["id"]: each for each in self.before[place].get(fields, [])}
            new = {each["id"]: each for each in self.after[place].get(fields, [])}
            for field_id in [*old, *(each for each in new if each not in old)]:
                was, becomes = old.get(field_id), new.get(field_id)
                for kind, asking in self._of_field(entity, was, becomes):
                    yield (kind, entity, field_id, ""), iter([asking])
                if was and becomes and _shape(was) == _shape(becomes) == "rows":
                    yield from self._of_parts(entity, was, becomes)
        yield from self._of_terms()
        yield from self._of_partner_types()

    def _of_partner_types(self) -> Iterator[tuple[Any, Iterator[Asking]]]:
        old_fields = {each["field_name"]: each for each in self.before["organization"]["fields"]}
        old_ids = {each["id"]: each for each in self.before["organization"]["fields"]}
        new_fields = {each["field_name"]: each for each in self.after["organization"]["fields"]}
        new = {each["name"]: each for each in self.after["partner_types"]}
        for was in self.before["partner_types"]:
            name = was["name"]
            if name not in new:
                held = _held({name})
                yield ("partner_type_removed", "partner_type", name, ""), (
                    Asking("organization", each["field_name"], _holding({name}), matters=held)
                    for each in self.before["organization"]["fields"]
                    if each.get("preset") in ("partner_type", "partner_types")
                )
                continue
            asked = {old_fields[each["field"]]["id"]: each.get("expectation", "optional") for each in was["fields"]}
            for each in new[name]["fields"]:
                becomes = new_fields[each["field"]]
                before = asked.get(becomes["id"])
                if each.get("expectation") == "required" and before != "required":
                    stored = old_ids.get(becomes["id"], becomes)
                    kind = "partner_type_field_changed" if before else "partner_type_field_added"
                    gap = self._gap(stored, becomes), name, self._none(stored, becomes)
                    yield (kind, "partner_type", name, becomes["id"]), iter(
                        [Asking("organization", stored["field_name"], gap[0], "", *gap[1:])]
                    )

    def _of_parts(self, entity: str, was: Raw, becomes: Raw) -> Iterator[tuple[Any, Iterator[Asking]]]:
        old = {each["id"]: each for each in was["repeating_subfields"]}
        # A retired field asks for nothing, so its parts do not either.
        asks = _active(becomes)
        new = {each["id"]: {**each, "asks": asks} for each in becomes["repeating_subfields"]}
        for part_id in [*old, *(each for each in new if each not in old)]:
            for kind, asking in self._of_field(entity, old.get(part_id), new.get(part_id)):
                held_as = Asking(entity, was["field_name"], asking.concerns, asking.name, matters=asking.matters)
                if not (kind == "field_added" and not _required(new[part_id])):
                    yield (kind, entity, was["id"], part_id), iter([held_as])

    def _of_field(self, entity: str, was: Raw | None, becomes: Raw | None) -> Iterator[tuple[str, Asking]]:
        if was is None:
            assert becomes is not None
            gaps = _required(becomes)
            if gaps:
                yield "field_added", self._missing(entity, becomes["field_name"], becomes, becomes)
            else:
                yield "field_added", Asking(entity, becomes["field_name"], _present)
            return
        name = was["field_name"]
        if becomes is None:
            yield "field_removed", Asking(entity, name, _present)
            return

        def changed(attribute: str) -> bool:
            return bool(was.get(attribute, _DEFAULTS.get(attribute)) != becomes.get(attribute, _DEFAULTS.get(attribute)))

        if changed("field_name"):
            yield "field_renamed", Asking(entity, name, _present)
        if changed("state"):
            if becomes.get("state") == "retired":
                yield "field_retired", Asking(entity, name, _present)
            else:
                gaps = becomes.get("expectation") == "required"
                restored = self._missing(entity, name, was, becomes) if gaps else Asking(entity, name, _present)
                yield "field_restored", restored
        if changed("expectation") and becomes.get("expectation") == "required":
            yield "field_made_required", self._missing(entity, name, was, becomes)
        if changed("missing_values"):
            more = set(becomes.get("missing_values", [])) - set(was.get("missing_values", []))
            yield "field_missing_values_changed", Asking(entity, name, _holding(more), matters=_held(more))
        if changed("pattern") and becomes.get("pattern"):
            yield "field_pattern_changed", _about_values(entity, name, self._those(was, becomes, self._misfit))
        if any(map(changed, ("minimum", "maximum", "max_length"))) and _narrower(was, becomes):
            yield "field_limits_changed", _about_values(entity, name, self._those(was, becomes, _beyond))
        if changed("vocabulary") and becomes.get("vocabulary"):
            old, new = self._values(self.before, was), self._values(self.after, becomes)
            if not (old and old <= new):
                outside = self._those(was, becomes, self._outside)
                yield "field_vocabulary_exchanged", _about_values(entity, name, outside)
        if changed("preset") or _shape(was) != _shape(becomes):
            both_terms = was.get("preset") in WITH_TERMS and becomes.get("preset") in WITH_TERMS
            harmless = becomes.get("preset") not in CHECKED or both_terms
            if _shape(was) != _shape(becomes) or not harmless:
                unreadable = self._unreadable(was, becomes)
                yield "field_type_changed", Asking(entity, name, unreadable, matters=self._misread_in(was, becomes))
        if changed("enforce") and becomes.get("enforce") == "all":
            offending, matters = self._offending(was, becomes), self._offending_in(was, becomes)
            yield "field_applied_to_all", Asking(entity, name, offending, matters=matters)

    def _gap(self, was: Raw, becomes: Raw) -> Test:
        none = set(becomes.get("missing_values", [])) if _active(becomes) and _shape(was) == "text" else set()
        return lambda value: _empty(value) or (isinstance(value, str) and value in none)

    def _none(self, was: Raw, becomes: Raw) -> Matters:
        """The values that count as none."""
        none = set(becomes.get("missing_values", [])) if _active(becomes) and _shape(was) == "text" else set()
        return _held(none)

    def _missing(self, entity: str, name: str, was: Raw, becomes: Raw) -> Asking:
        return Asking(entity, name, self._gap(was, becomes), matters=self._none(was, becomes))

    def _any(self, was: Raw, becomes: Raw, test: Callable[[Raw, str], bool]) -> Test:
        those = self._those(was, becomes, test)
        return lambda value: bool(those(value))

    def _those(self, was: Raw, becomes: Raw, test: Callable[[Raw, str], bool]) -> Matters:
        """The single values of which a test is true."""
        none = set(becomes.get("missing_values", [])) if _shape(was) == "text" else set()
        if not _active(becomes):
            return lambda value: set()
        return lambda value: {
            each for each in _singles(value, was) if each not in none and test(becomes, each)
        }

    def _unreadable(self, was: Raw, becomes: Raw) -> Test:
        old, new = _shape(was), _shape(becomes)
        if old != new:
            if new == "text":
                # A list of nothing but empty ones would read as a text, too.
                return lambda value: value not in (None, "", "[]", "null", []) and any(
                    _reads_as(shape, value) for shape in ("several", "rows")
                )
            return lambda value: not _empty(value) and not _reads_as(new, value)
        if old == "text":
            return self._any(was, becomes, self._misread)
        if old == "rows":
            return lambda value: not _empty(value) and not _reads_as(new, value)
        single = self._any(was, becomes, self._misread)
        return lambda value: not _empty(value) and (not _reads_as(new, value) or single(value))

    def _misread_in(self, was: Raw, becomes: Raw) -> Matters:
        """The values that are none of the type: the whole one where it has to be converted, or is no list."""
        old, new = _shape(was), _shape(becomes)
        unreadable, single = self._unreadable(was, becomes), self._those(was, becomes, self._misread)
        if old == new == "rows":
            # Entries are told by their parts.
            return lambda value: set()
        if old != new:
            return lambda value: {_whole(value)} if unreadable(value) else set()
        if old == "text":
            return single
        return lambda value: single(value) if _empty(value) or _reads_as(new, value) else {_whole(value)}

    def _offending_in(self, was: Raw, becomes: Raw) -> Matters:
        """The values that break any rule, also those of entries' parts."""
        none = self._none(was, becomes) if _required(becomes) else lambda value: set()
        misread, misfit = self._misread_in(was, becomes), self._those(was, becomes, self._misfit)
        too_far = self._those(was, becomes, _beyond)
        same = _shape(was) == _shape(becomes)
        parts = becomes.get("repeating_subfields", []) if same and _active(becomes) else []

        def matters(value: Any) -> set[str]:
            found = none(value) | misread(value)
            if same and _reads_as_stored(_shape(was), value):
                found |= misfit(value) | too_far(value)
            rows = [row for row in value if isinstance(row, dict) and row] if isinstance(value, list) else []
            return found.union(
                *(self._offending_in(part, part)(row.get(part["field_name"])) for row in rows for part in parts)
            )

        return matters

    def _offending(self, was: Raw, becomes: Raw) -> Test:
        gap = self._gap(was, becomes) if _required(becomes) else lambda value: False
        unreadable, misfit = self._unreadable(was, becomes), self._any(was, becomes, self._misfit)
        too_far = self._any(was, becomes, _beyond)
        same = _shape(was) == _shape(becomes)
        parts = becomes.get("repeating_subfields", []) if same and _active(becomes) else []

        def offends(value: Any) -> bool:
            if gap(value) or unreadable(value) or (same and (misfit(value) or too_far(value))):
                return True
            rows = [row for row in value if isinstance(row, dict) and row] if isinstance(value, list) else []
            return any(
                self._offending(part, part)(row.get(part["field_name"])) for row in rows for part in parts
            )

        return offends

    def _misfit(self, becomes: Raw, value: str) -> bool:
        return bool(becomes.get("pattern")) and not re.fullmatch(becomes["pattern"], value)

    def _outside(self, becomes: Raw, value: str) -> bool:
        if becomes.get("preset") in ("partner_type", "partner_types"):
            return value not in {each["name"] for each in self.after["partner_types"]}
        return becomes.get("preset") in WITH_TERMS and value not in self._values(self.after, becomes)

    def _misread(self, becomes: Raw, value: str) -> bool:
        return self._outside(becomes, value) or not _TYPES.get(becomes.get("preset", ""), lambda v: True)(value)

    def _values(self, document: Raw, declared: Raw) -> set[str]:
        found = (each for each in document["vocabularies"] if each["id"] == declared.get("vocabulary"))
        return {term["value"] for each in found for term in each["terms"]}

    def _of_terms(self) -> Iterator[tuple[Any, Iterator[Asking]]]:
        new = {each["id"]: each for each in self.after["vocabularies"]}
        for vocabulary in self.before["vocabularies"]:
            if vocabulary["id"] not in new:
                continue
            after = {term["id"]: term for term in new[vocabulary["id"]]["terms"]}
            for term in vocabulary["terms"]:
                for kind in _term_kinds(term, after.get(term["id"])):
                    used = self._using(vocabulary["id"], {term["value"]})
                    yield (kind, "vocabulary", vocabulary["id"], term["id"]), used

    def _using(self, vocabulary_id: str, values: set[str]) -> Iterator[Asking]:
        for entity, place, fields in _ENTITIES:
            old = {each["id"]: each for each in self.before[place].get(fields, [])}
            for becomes in self.after[place].get(fields, []):
                was = old.get(becomes["id"], becomes)
                if becomes.get("vocabulary") == vocabulary_id:
                    yield Asking(entity, was["field_name"], _holding(values), matters=_held(values))
                old_parts = {each["id"]: each for each in was.get("repeating_subfields", [])}
                for part in becomes.get("repeating_subfields", []):
                    if part.get("vocabulary") == vocabulary_id:
                        name = old_parts.get(part["id"], part)["field_name"]
                        yield Asking(entity, was["field_name"], _holding(values), name, matters=_held(values))


_ENTITIES = [("dataset", "dataset", "fields"), ("resource", "dataset", "resource_fields"),
             ("organization", "organization", "fields")]  # fmt: skip
_DEFAULTS: Raw = {"expectation": "optional", "enforce": "new", "state": "active", "preset": "", "pattern": "",
                  "vocabulary": "", "missing_values": [], "minimum": "", "maximum": "", "max_length": 0}  # fmt: skip


_TAKEN = {"number": "number", "partial_date": "date", "": "text", "title": "text", "textarea": "text",
          "markdown": "text", "multiple_text": "text"}  # fmt: skip
_OPEN: dict[str, tuple[Any, Any]] = {"number": (-math.inf, math.inf), "date": ("", "~"), "text": (0, math.inf)}


def _measured(kind: str, value: str) -> tuple[Any, Any]:
    """How small and how great a value may be: a year is any of its days."""
    if kind == "number":
        return (float(value), float(value)) if _is_number(value) else (0, 0)
    if kind == "date":
        day = value.strip()
        return (f"{day}-01-01"[:10], (day + "-12-31"[len(day) - 4 :])[:10])
    return len(value.replace("\r\n", "\n")), len(value.replace("\r\n", "\n"))


def _taken(declared: Raw) -> tuple[str, Any, Any]:
    """What a field takes: which kind of thing, from where, to where."""
    kind = _TAKEN.get(declared.get("preset", ""), "")
    low, high = _OPEN.get(kind, (0, 0))
    if kind == "text":
        return kind, low, declared.get("max_length") or high
    if declared.get("minimum"):
        low = _measured(kind, declared["minimum"])[0] if kind else low
    if declared.get("maximum"):
        high = _measured(kind, declared["maximum"])[1] if kind else high
    return kind, low, high


def _beyond(declared: Raw, value: str) -> bool:
    """Whether a value is outside the field's limits; one of another type is not."""
    kind, low, high = _taken(declared)
    if not kind or not _TYPES.get(declared.get("preset", ""), lambda v: True)(value):
        return False
    least, most = _measured(kind, value)
    return bool(most < low or least > high)


def _narrower(was: Raw, becomes: Raw) -> bool:
    """Whether one of the limits is new, or lets less through."""
    kind, low, high = _taken(becomes)
    before = _taken(was)
    old_low, old_high = before[1:] if before[0] == kind else _OPEN.get(kind, (0, 0))
    return bool(kind) and bool(low > old_low or high < old_high)


def _term_kinds(was: Raw, becomes: Raw | None) -> list[str]:
    if becomes is None:
        return ["term_removed"]
    kinds = []
    retired = (was.get("state", "active"), becomes.get("state", "active")) == ("active", "retired")
    if becomes.get("merged_into") and becomes.get("merged_into") != was.get("merged_into"):
        kinds.append("term_merged")
    elif retired:
        kinds.append("term_retired")
    elif becomes.get("replaced_by", "") not in ("", was.get("replaced_by", "")) and _same_state(was, becomes):
        kinds.append("term_replacement_changed")
    if becomes["value"] != was["value"]:
        kinds.append("term_value_changed")
    return kinds


def _same_state(was: Raw, becomes: Raw) -> bool:
    return bool(was.get("state", "active") == becomes.get("state", "active"))


def _added(before: list[Raw], after: list[Raw]) -> list[Raw]:
    known = {each["id"] for each in before}
    return [each for each in after if each["id"] not in known]


def _found(asked: list[Asking], datasets: list[Raw], organizations: list[Raw]) -> Expected:
    """Ask all records."""
    found = Expected()

    def concerned(entity: str, record: Raw) -> bool:
        questions = [each for each in asked if each.entity == entity and _about(each, record)]
        found.values.update(set().union(*(_matters(each, record) for each in questions)))
        return bool(questions)

    for record in datasets:
        files = [each for each in record["resources"] if concerned("resource", each)]
        found.resources += len(files)
        if concerned("dataset", record) or files:
            found.datasets[record["name"]] = (record.get("organization") or {}).get("name")
    found.organizations = {each["name"] for each in organizations if concerned("organization", each)}
    return found


def _differences(key: Any, mine: Expected, told: Raw) -> list[str]:
    problems = []
    wanted = (mine.count, len(mine.datasets), mine.resources, mine.by_organization())
    given = (told["affected"], told["datasets"], told["resources"],
             {each["name"]: each["affected"] for each in told["organizations"]})  # fmt: skip
    if wanted != given:
        problems.append(f"{key}: by record {wanted}, counted {given}")
    strangers = set(told["examples"]) - set(mine.datasets) - mine.organizations
    if strangers:
        problems.append(f"{key}: no such examples: {sorted(strangers)}")
    values: Counter[str] = Counter()
    for each in told["values"]:
        values[_whole(each["value"])] += each["count"]
    found = Counter({_whole(value): count for value, count in mine.values.items()})
    if len(told["values"]) == MOST_VALUES:
        # The commonest are told: none that is left out is more often.
        rest = [count for value, count in found.items() if value not in values]
        found = Counter({value: count for value, count in found.items() if value in values})
        if rest and max(rest) > min(values.values()):
            problems.append(f"{key}: a value that {max(rest)} hold is not told")
    if values != found:
        problems.append(f"{key}: values by record {dict(mine.values)}, counted {dict(values)}")
    return problems


def _about_values(entity: str, name: str, those: Matters) -> Asking:
    return Asking(entity, name, lambda value: bool(those(value)), matters=those)


def _matters(asking: Asking, record: Raw) -> set[str]:
    value = _value(record, asking.name)
    if not asking.part:
        return asking.matters(value)
    rows = value if isinstance(value, list) else []
    return set().union(*(asking.matters(row.get(asking.part)) for row in rows if isinstance(row, dict) and row))


def _whole(value: Any) -> str:
    """A stored value as one text: the API shows what is stored as a list without its spaces."""
    try:
        loaded = json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
    except ValueError:
        return str(value)
    return loaded if isinstance(loaded, str) else json.dumps(loaded)


def _held(values: set[str]) -> Matters:
    return lambda value: {
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each in values
    }


def _malformed(shape: str) -> Test:
    return lambda value: not _reads_as_stored(shape, value)


def _reads_as_stored(shape: str, value: Any) -> bool:
    return shape == "text" or _empty(value) or _reads_as(shape, value)


def _about(asking: Asking, record: Raw) -> bool:
    value = _value(record, asking.name)
    if asking.partner_type and asking.partner_type not in _types_of(record):
        return False
    if not asking.part:
        return asking.concerns(value)
    rows = value if isinstance(value, list) else []
    return any(asking.concerns(row.get(asking.part)) for row in rows if isinstance(row, dict) and row)


def _types_of(record: Raw) -> set[str]:
    """An organization's own type, and those that it also acts as."""
    also = _value(record, "also_acts_as")
    return {str(_value(record, "partner_type")), *(each for each in also or [] if isinstance(also, list))}


def _value(record: Raw, name: str) -> Any:
    """A value as the API shows it; tags by their names."""
    if name == "tag_string" and "tags" in record:
        return ",".join(sorted(tag["name"] for tag in record["tags"]))
    if not _empty(record.get(name)):
        value = record[name]
    else:
        others = {each["key"]: each["value"] for each in record.get("extras") or []}
        value = others.get(name, record.get(name))
    if value is None or isinstance(value, (str, list)):
        return value
    return json.dumps(value)


def _empty(value: Any) -> bool:
    if isinstance(value, list):
        return not any(value)
    return value is None or value in ("", "[]", "null")


def _present(value: Any) -> bool:
    return not _empty(value)


def _holding(values: set[str]) -> Test:
    return lambda value: any(
        isinstance(each, str) and each in values for each in (value if isinstance(value, list) else [value])
    )


def _required(declared: Raw) -> bool:
    return declared.get("expectation") == "required" and _active(declared)


def _active(declared: Raw) -> bool:
    return declared.get("state", "active") == "active" and declared.get("asks", True)


def _shape(declared: Raw) -> str:
    if declared.get("repeating_subfields"):
        return "rows"
    return "several" if declared.get("preset") in SEVERAL else "text"


def _singles(value: Any, was: Raw) -> list[str]:
    if _empty(value):
        return []
    if was["field_name"] == "tag_string":
        return str(value).split(",")
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str) and each]
    return [value] if _shape(was) == "text" else []


def _reads_as(shape: str, value: Any) -> bool:
    """Whether a value is a list of texts, or of rows."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return False
    member = dict if shape == "rows" else str
    return isinstance(value, list) and all(isinstance(each, member) for each in value)


def _is_date(value: str) -> bool:
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", value.strip())
    try:
        return bool(match) and bool(date(*(int(part or 1) for part in match.groups())))  # type: ignore[union-attr]
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", value.strip()))


_TYPES: dict[str, Callable[[str], bool]] = {
    "partial_date": _is_date,
    "number": _is_number,
    "email": lambda value: bool(re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\".]+(\.[^@\s<>\".]+)+", value.strip())),
    "link": lambda value: bool(re.fullmatch(r"https?://[^\s/]+\S*", value.strip())),
}
