"""A repair: what it takes, and what it does to the values of one record."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity, Text
from ckanext.civicswitchboard.core.schema.field_types import is_empty
from ckanext.civicswitchboard.core.schema.input_checks import NO_CHARACTER, storable, texts
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, Translate
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS, NAME, why_reserved

# A record's stored values by key; what it has not is not there.
Values = Mapping[str, Any]
Fault = Literal["collision", "unconvertible", "edited"]
ENTITIES: tuple[Entity, ...] = get_args(Entity)

NOTHING_GIVEN = N_("Missing value")
A_TEXT = N_("Has to be a text")
RECORD_BY_RECORD = N_("The field '{name}' is changed record by record only")

# What CKAN keeps elsewhere than in the record, or what addresses and permissions hang on.
HANDS_OFF: Mapping[Entity, frozenset[str]] = {
    "dataset": frozenset({"title", "name", "tag_string", "owner_org"}),
    "resource": frozenset({"url"}),
    "organization": frozenset({"title", "name", "image_url", "partner_type", "also_acts_as"}),
}


class RepairError(ValueError):
    """A repair that cannot be done as it was asked for.

    :ivar faults: what is wrong, by parameter, to be said in the reader's language
    """

    def __init__(self, faults: Mapping[str, Iterable[Message]]) -> None:
        self.faults = {name: list(messages) for name, messages in faults.items()}
        super().__init__("; ".join(f"{n}: {m}" for n, ms in self.faults.items() for m in ms))

    def say(self, translate: Translate) -> dict[str, list[str]]:
        """What is wrong, by parameter, in the reader's language.

        :param translate: gives a message in the reader's language
        """
        return {name: [fault.say(translate, str) for fault in faults] for name, faults in self.faults.items()}

    def sentences(self, translate: Translate = str) -> list[str]:
        """What is wrong, without the names of parameters, which no page shows.

        :param translate: gives a message in the reader's language
        """
        return [said for faults in self.say(translate).values() for said in faults]


def refused(param: str, text: str, **values: str) -> RepairError:
    """The error of a parameter that will not do.

    :param param: its name
    :param text: why, a message to translate
    :param values: what goes into the text's places
    """
    return RepairError({param: [Message(text, values)]})


@dataclass(frozen=True)
class Outcome:
    """What a repair does to a record.

    :ivar before: the values that change, as they are
    :ivar after: the same keys, as they become; a key that is only in ``before`` goes
    :ivar fault: why nothing changes although the record is concerned
    """

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None

    @property
    def concerned(self) -> bool:
        """Whether the record belongs to the repair at all."""
        return bool(self.before or self.after or self.fault)


NOTHING = Outcome()


def change(values: Values, /, **becoming: Any) -> Outcome:
    """The outcome of giving keys other values; None takes a key away."""
    touched = {key: new for key, new in becoming.items() if values.get(key) != new}
    return Outcome(
        before={key: values[key] for key in touched if key in values},
        after={key: new for key, new in touched.items() if new is not None},
    )


def left_out(values: Values, fault: Fault, *keys: str) -> Outcome:
    """The outcome of leaving a record as it is, with the values that stand in the way."""
    standing = {key: values[key] for key in keys if key in values}
    return Outcome(before=standing, after=standing, fault=fault)


def has(values: Values, key: str) -> bool:
    """Whether a record says something under a key."""
    return not is_empty(values.get(key))


@dataclass(frozen=True)
class Part:
    """A repair's work on one entity.

    :ivar entity: whose records
    :ivar keys: the keys that it reads or writes
    :ivar any_of: only records with one of these keys can be concerned; all of them when empty
    :ivar holding: only records whose first key holds one of these texts can be concerned, nothing
        at all counting as the empty one; all of them when empty
    """

    entity: Entity
    keys: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()


class Params(BaseModel):
    """What every repair can be told."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    entity: Entity | None = None


class Repair:
    """A kind of repair, bound to its parameters and to a version of the schema.

    :cvar kind: its name in the API
    :cvar title: what it is called on pages
    :cvar means: what it does, in a sentence
    :cvar linked: whether undo gives a record all its keys back, or none
    :cvar every_state: whether deleted records are repaired too
    :cvar asks_twice: whether values are lost but for the journal
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    means: ClassVar[str]
    takes: ClassVar[type[Params]]
    linked: ClassVar[bool] = False
    every_state: ClassVar[bool] = False
    asks_twice: ClassVar[bool] = False

    def __init__(self, params: Mapping[str, Any], snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.answers = _read(self.takes, params)
        self.bind()

    def bind(self) -> None:
        """Find the fields that the parameters name.

        :raises RepairError: naming the parameter at fault
        """
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it works on, entity by entity."""
        raise NotImplementedError

    def step(self, entity: Entity, values: Values) -> Outcome:
        """What happens to one record.

        :param entity: whose record it is
        :param values: what it stores under the part's keys
        """
        raise NotImplementedError

    def ambiguous(self, values: Values) -> bool:
        """Whether values that the repair would change may be what it makes of others, too.

        Where somebody saved them while it ran, only they know which of both they meant.

        :param values: what a record stores under a part's keys
        """
        return False

    @property
    def inverse(self) -> dict[str, Any] | None:
        """The parameters of the same kind with which another run would lead back, if one could."""
        return None

    @property
    def words(self) -> Message:
        """What this repair does, in a sentence."""
        raise NotImplementedError

    @property
    def public_words(self) -> Message:
        """The same without a value that only some may see in the records."""
        return self.words

    @property
    def new_values(self) -> list[tuple[CompiledField, Any]]:
        """Values that it may give records, with the fields that take them: to be checked."""
        return []

    @property
    def makes(self) -> list[CompiledField]:
        """Fields that get values which it makes of others: what breaks a rule of all records is left."""
        return []

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as they can be stored and given again."""
        return self.answers.model_dump(exclude_none=True, by_alias=True, exclude_defaults=True)

    def overlaps(self, other: Repair) -> bool:
        """Whether both touch the same values."""
        mine, theirs = (
            {(part.entity, key) for part in repair.parts for key in part.keys} for repair in (self, other)
        )
        return bool(mine & theirs)

    # What kinds look up.

    @property
    def wanted(self) -> tuple[Entity, ...]:
        """The entities whose records may be meant."""
        return (self.answers.entity,) if self.answers.entity else ENTITIES

    def field(
        self, param: str, name: str, entity: Entity | None = None, retired: bool = False
    ) -> tuple[Entity, CompiledField]:
        """A field whose values can be repaired.

        :param param: the parameter that names it
        :param entity: whose it has to be; the asked one's, or the first that has it, where none is given
        :param retired: whether it may be one that is no longer offered, whose values stand in records
        :raises RepairError: when there is none
        """
        for candidate in (entity,) if entity else self.wanted:
            field = (
                self.snapshot.known(candidate, name) if retired else self.snapshot.fields[candidate].get(name)
            )
            if field is not None:
                if name in HANDS_OFF[candidate]:
                    raise refused(param, RECORD_BY_RECORD, name=name)
                return candidate, field
        raise refused(param, N_("There's no field '{name}' in the current version"), name=name)

    def label(self, name: str) -> Text | Message:
        """What a field of the first part's entity is called, or a part with its field; else the name."""
        name, dot, sub = name.partition(".")
        field = self.snapshot.known(self.parts[0].entity, name)
        if field is None:
            return f"{name}{dot}{sub}"
        parts = {part.field_name: part for part in field.field.repeating_subfields}
        if sub not in parts:
            return field.field.label
        # Parts of several fields may be called the same.
        return Message("{field}: {part}", {"field": field.field.label, "part": parts[sub].label})

    def labels(self, names: Iterable[str]) -> Message:
        """Several of them, one after the other."""
        named = {f"field{number}": self.label(name) for number, name in enumerate(names)}
        return Message(", ".join(f"{{{place}}}" for place in named), named)

    def free_key(self, param: str, name: str, entity: Entity) -> str:
        """A key that no field has and that CKAN does not own.

        :raises RepairError: when it has
        """
        if name in self.snapshot.fields[entity]:
            raise refused(param, N_("'{name}' is a field"), name=name)
        if name in CORE_FIELDS[entity] or (NAME.match(name) and why_reserved(entity, name)):
            raise refused(param, N_("CKAN itself uses the name '{name}'"), name=name)
        if not name.strip():
            raise refused(param, NOTHING_GIVEN)
        return name


def stored(compiled: CompiledField, value: Any) -> Any:
    """A value in the form in which records hold it."""
    if compiled.kind.shape == "text" or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read(takes: type[Params], params: Mapping[str, Any]) -> Params:
    try:
        read = takes.model_validate(dict(params))
    except ValidationError as error:
        faults: dict[str, list[Message]] = {}
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else "params"
            faults.setdefault(name, []).append(Message(_MESSAGES.get(fault["type"], _OTHERWISE)))
        raise RepairError(faults) from None
    unstorable = [name for name, value in params.items() if not all(map(storable, texts(value)))]
    if unstorable:
        raise RepairError({name: [Message(NO_CHARACTER)] for name in unstorable})
    return read


_MESSAGES = {
    "missing": NOTHING_GIVEN,
    "extra_forbidden": N_("This repair doesn't use it"),
    "string_type": A_TEXT,
    "dict_type": N_("Has to be pairs of old and new values"),
    "list_type": N_("Has to be a list"),
    "literal_error": N_("Has to be dataset, resource or organization"),
}
_OTHERWISE = N_("Can't be read")
