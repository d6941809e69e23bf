"""The form of each kind of repair: what is asked, with what to choose from, and how it is read."""
from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.editing.terms import TermEditError, named
from ckanext.civicswitchboard.core.repairs import HANDS_OFF, Part
from ckanext.civicswitchboard.core.schema.choices import Choices, TermChoices, choices_of, is_too_long
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import ENTITIES, N_
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.repairs import preview
from ckanext.civicswitchboard.repairs.activity import licenses

Control = Literal["choice", "text", "checks", "table"]
Option = tuple[str, str]
Args = Any


@dataclass(frozen=True)
class Question:
    """An input of a repair's form.

    :ivar name: the parameter
    :ivar options: what to choose from, each with its words
    :ivar first: whether the other questions depend on the answer
    :ivar optional: whether it may stay empty
    :ivar if_given: whether it is asked only where the address brings an answer
    :ivar term: whether the answer is a term: its id, or its value where ``stored`` says so
    :ivar stored: whether the answer is what records store
    """

    name: str
    label: str
    control: Control = "choice"
    options: Callable[[Asking], Sequence[Option]] | None = None
    help: str = ""
    first: bool = False
    optional: bool = False
    if_given: bool = False
    term: bool = False
    stored: bool = False


@dataclass
class Asking:
    """A form that is being filled in.

    :ivar kind: the repair's kind
    :ivar params: what was answered so far
    :ivar anew: whether the first answer changed, so that the others have to be given again
    :ivar refused: why what was typed in a search for terms names none, by parameter; it stays the answer
    """

    kind: str
    params: dict[str, Any]
    snapshot: Snapshot
    reader: Reader
    anew: bool = False
    refused: dict[str, list[str]] = field(default_factory=dict)
    _found: list[tuple[str, int]] | None = field(default=None, repr=False)

    @property
    def questions(self) -> list[Question]:
        """What is to be asked now: the first question alone until it is answered."""
        questions = [
            question
            for question in QUESTIONS[self.kind]
            if not question.if_given or self.params.get(question.name)
        ]
        first = [question for question in questions if question.first]
        answered = all(self.params.get(question.name) for question in first)
        return questions if answered else first

    @property
    def complete(self) -> bool:
        """Whether every question that there is was asked."""
        return all(question.if_given or question in self.questions for question in QUESTIONS[self.kind])

    @property
    def given_for(self) -> str:
        """The first answer, for which the form asks the others; empty where they depend on none."""
        return str(self.params.get(_first(self.kind), ""))

    def answer(self, question: Question) -> Any:
        """What was answered; empty when nothing was."""
        return self.params.get(question.name, "")

    def faults(self, errors: Mapping[str, Sequence[str]]) -> list[str]:
        """What is wrong, each with the question that it is about.

        :param errors: messages by parameter
        """
        labels = {question.name: tk._(question.label) for question in QUESTIONS[self.kind]}
        said = tk._("“{question}”: {message}")
        return [
            said.format(question=labels[name], message=message) if name in labels else message
            for name, messages in errors.items()
            for message in messages
        ]

    def sendable(self, value: str) -> str:
        """A value as the form can send it back unchanged."""
        return sendable(value)

    def options(self, question: Question) -> list[Option]:
        """What to choose from; a value that came with the address is among them."""
        offered = list(question.options(self)) if question.options else []
        answer = self.answer(question)
        known = {value for value, _words in offered}
        if offered and question.control == "choice" and answer and answer not in known:
            offered.insert(0, (answer, answer))
        return offered

    @property
    def entities(self) -> list[Entity]:
        """Whose fields may be meant: the asked one's, or everybody's."""
        return [self.params["entity"]] if self.params.get("entity") else list(ENTITIES)

    @property
    def field(self) -> tuple[Entity, CompiledField, str] | None:
        """The field that was answered, with the part of it."""
        name, _dot, sub = str(self.params.get("field", "")).partition(".")
        for entity in self.entities:
            if match := self.snapshot.known(entity, name):
                return entity, match, sub
        return None

    @property
    def found(self) -> list[tuple[str, int]]:
        """The values that records hold in that field, the commonest first."""
        if self._found is None:
            place = self.field
            self._found = []
            if place:
                part = Part(place[0], (place[1].name,), (place[1].name,))
                self._found = preview.stored_values(part, place[1], self.reader, place[2])
        return self._found

    @property
    def is_cut(self) -> bool:
        """Whether records hold more values than are found here."""
        return len(self.found) >= preview.MOST_VALUES

    @property
    def rows(self) -> list[tuple[str, int, str]]:
        """The table of values: found and given ones, how many hold each, and what replaces it."""
        given = self.params.get("values") or {}
        pairs = given if isinstance(given, dict) else {}
        counted = dict(self.found)
        beside = {old: counted.get(old, 0) for old in pairs if old not in counted}
        return [(value, count, pairs.get(value, "")) for value, count in {**beside, **counted}.items()]

    @property
    def choices(self) -> Choices:
        """What that field offers; nothing where it takes any text."""
        place = self.field
        if place is None:
            return Choices()
        declared = place[1].scheming
        if place[2]:
            parts = declared.get("repeating_subfields") or []
            declared = next((part for part in parts if part["field_name"] == place[2]), {})
        return choices_of(declared)

    @property
    def terms(self) -> list[Option]:
        """The terms on offer in that field; none where it takes any text, or where they are searched."""
        place, choices = self.field, self.choices
        if place and not choices and place[1].field.preset == "license":
            return [(value, title) for value, title in licenses().items() if value != "notspecified"]
        if self.searched:
            return []
        return [(choice["value"], tk.h.scheming_language_text(choice["label"])) for choice in choices]

    @property
    def searched(self) -> TermChoices | None:
        """What the vocabulary offers whose terms are searched here, as they are too many for a list."""
        named = str(self.params.get("vocabulary", ""))
        if not named and self.field:
            field, part = self.field[1].field, self.field[2]
            parts = {part.field_name: part for part in field.repeating_subfields}
            named = parts.get(part, field).vocabulary
        terms = self.snapshot.choices.get(named)
        return terms if terms and is_too_long(terms.vocabulary) else None

    def searches(self, question: Question) -> bool:
        """Whether a question is answered by a search for a term."""
        return question.term and self.searched is not None

    def search(self, label: str, name: str) -> dict[str, Any]:
        """A field in scheming's form for the control of a search.

        :param label: what it is called
        :param name: of its input
        """
        choices = self.searched
        if choices is None:
            return {}
        offered = {"choices": choices.active, "retired_choices": choices.retired}
        return {"field_name": name, "label": label, "vocabulary": choices.vocabulary.id, **offered}

    def searched_name(self, question: Question) -> str:
        """What the input of a search is called: what it sends is a term's value or label, never its id."""
        return question.name if question.stored else f"{question.name}_term"

    def searched_answer(self, question: Question) -> str:
        """What the input of a search holds: what was typed, or what records store of the term."""
        answer = str(self.answer(question))
        if question.stored or question.name in self.refused or self.searched is None:
            return answer
        return next((term.value for term in self.searched.vocabulary.terms if term.id == answer), answer)


def ask(kind: str, args: Args, snapshot: Snapshot, reader: Reader) -> Asking:
    """A form with what an address or a form has filled in.

    :param args: a MultiDict
    """
    params: dict[str, Any] = {"entity": args["entity"]} if args.get("entity") in ENTITIES else {}
    for question in QUESTIONS[kind]:
        value = _READ[question.control](args, question.name)
        if question.options in _OF_FIELDS:
            value = _named(value, params)
        if value or (question.name in args and question.control == "text" and question.optional):
            params[question.name] = value
    first, given_for = _first(kind), args.get("given_for", "")
    anew = bool(first and given_for) and given_for != params.get(first)
    if anew:
        # Values and terms of one field or vocabulary say nothing about another.
        params = {name: value for name, value in params.items() if name in ("entity", first)}
    asking = Asking(kind, params, snapshot, reader, anew)
    if asking.searched and not anew:
        _find_terms(asking, asking.searched.vocabulary, args)
    return asking


def _find_terms(asking: Asking, vocabulary: Vocabulary, args: Args) -> None:
    """Replace what was typed in searches by the terms that it names; say of the rest why it names none."""
    for question in QUESTIONS[asking.kind]:
        typed = args.get(asking.searched_name(question), "").strip() if question.term else ""
        if typed:
            asking.params[question.name] = _term(asking, question, vocabulary, typed)
        elif question.control == "table" and isinstance(pairs := asking.params.get(question.name), dict):
            asking.params[question.name] = {
                old: _term(asking, question, vocabulary, new) for old, new in pairs.items()
            }


def _term(asking: Asking, question: Question, vocabulary: Vocabulary, typed: str) -> str:
    try:
        terms = named(vocabulary, typed, question.name)
    except TermEditError as error:
        messages = asking.refused.setdefault(question.name, [])
        messages.append(error.message.say(tk._, tk.h.scheming_language_text))
        return typed
    return terms.id if question.term and not question.stored else terms.value


def _first(kind: str) -> str:
    """The question on whose answer the others of a kind depend; empty where there is none."""
    return next((question.name for question in QUESTIONS[kind] if question.first), "")


def _named(value: Any, params: dict[str, Any]) -> Any:
    """A field's name without whose field it is, which goes to the parameters."""
    if isinstance(value, list):
        return [_named(member, params) for member in value]
    whose, colon, name = value.partition(":")
    if not colon or whose not in ENTITIES:
        return value
    params["entity"] = whose
    return name


def sendable(text: str) -> str:
    """A value as a form can send it and get it back: a browser sends line ends of its own kind, and what
    begins like a list would be read as several values."""
    return json.dumps(text) if "\n" in text or "\r" in text or text[:1] in ('"', "[") else text


def _sent(text: str) -> str:
    """The value that a form sent."""
    loaded = _loaded(text) if text.startswith('"') else None
    return loaded if isinstance(loaded, str) else text


def _one(args: Args, name: str) -> str:
    return str(args.get(name, ""))


def _several(args: Args, name: str) -> list[str]:
    texts = args.getlist(name)
    if len(texts) == 1 and texts[0].startswith("["):
        loaded = _loaded(texts[0])
        texts = loaded if isinstance(loaded, list) else texts
    return [_sent(str(line)) for line in texts if line]


def _pairs(args: Args, name: str) -> dict[str, str]:
    """The table's rows, what was pasted, and what the address brought."""
    brought = _loaded(args.get(name, ""))
    pairs = {str(k): str(v) for k, v in brought.items()} if isinstance(brought, dict) else {}
    pairs.update({_sent(old): new.strip() for old, new in zip(args.getlist("old"), args.getlist("new"))})
    pairs.update(pasted(args.get("pasted", "")))
    return {old: new for old, new in pairs.items() if old and new}


def pasted(text: str) -> dict[str, str]:
    """Two columns as they come from a spreadsheet: the old value, the new one."""
    delimiter = "\t" if "\t" in text else ";" if ";" in text else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        # A cell beyond what a spreadsheet holds: it pairs nothing.
        return {}
    pairs = [(row[0], row[1].strip()) for row in rows if len(row) > 1]
    if delimiter != "\t":
        # Between tabs a blank is the value's own; beside other signs it is typed for the eye.
        pairs = [(old.strip(), new) for old, new in pairs]
    return {old: new for old, new in pairs if old and new}


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


_READ: Mapping[Control, Callable[[Args, str], Any]] = {
    "choice": _one,
    "text": _one,
    "checks": _several,
    "table": _pairs,
}


def _fields(asking: Asking, shapes: Sequence[str] = ("text", "several"), parts: bool = False) -> list[Option]:
    say = tk.h.scheming_language_text
    options = []
    counts = Counter(name for entity in asking.entities for name in asking.snapshot.fields[entity])
    for entity in asking.entities:
        for name, compiled in asking.snapshot.fields[entity].items():
            if name in HANDS_OFF[entity]:
                continue
            # Another entity may have a field of the same name.
            whose = f"{entity}:" if counts[name] > 1 else ""
            words = f"{say(compiled.field.label)} ({name}) · {tk._(ENTITIES[entity])}"
            if compiled.kind.shape in shapes:
                options.append((f"{whose}{name}", words))
            elif parts and compiled.kind.shape == "rows":
                for sub in compiled.field.repeating_subfields:
                    path = f"{name}.{sub.field_name}"
                    options.append(
                        (f"{whose}{path}", f"{say(compiled.field.label)}: {say(sub.label)} ({path})")
                    )
    return options


def _any_field(asking: Asking) -> list[Option]:
    return _fields(asking, ("text", "several", "rows"))


def _with_parts(asking: Asking) -> list[Option]:
    return _fields(asking, parts=True)


def _texts(asking: Asking) -> list[Option]:
    return _fields(asking, ("text",))


def _retired(asking: Asking, shapes: Sequence[str]) -> list[Option]:
    """Fields that are no longer offered, after the others: records keep their values."""
    words = tk._("{field} ({name}), no longer offered")
    return [
        (name, words.format(field=tk.h.scheming_language_text(field.field.label), name=name))
        for entity in asking.entities
        for name, field in asking.snapshot.retired[entity].items()
        if field.kind.shape in shapes and name not in HANDS_OFF[entity]
    ]


def _with_retired(asking: Asking) -> list[Option]:
    return [*_with_parts(asking), *_retired(asking, ("text", "several"))]


def _texts_with_retired(asking: Asking) -> list[Option]:
    return [*_texts(asking), *_retired(asking, ("text",))]


def _keys(asking: Asking) -> list[Option]:
    """What can be moved: names in “Other fields” with the number of datasets, then fields."""
    usage = impact.usage("dataset")
    fields = asking.snapshot.fields["dataset"]
    # A name that private datasets alone use is told to nobody; it can be typed.
    public = impact.usage("dataset", public=True).filled
    others = [(key, count) for key, count in usage.filled.items() if key in public and key not in fields]
    keys = [
        (key, _other_field(key, count))
        for key, count in sorted(others, key=lambda pair: -pair[1])
        if key not in _CORE
    ]
    return [*keys, *_any_field(asking)]


def _other_field(name: str, count: int) -> str:
    words = tk.ungettext(
        "“{name}” in “Other fields”, {count} dataset", "“{name}” in “Other fields”, {count} datasets", count
    )
    return str(words.format(name=name, count=count))


_CORE = frozenset("title name notes url license_id owner_org author version maintainer".split())


def _vocabularies(asking: Asking) -> list[Option]:
    say = tk.h.scheming_language_text
    return [(vocabulary.id, say(vocabulary.label)) for vocabulary in asking.snapshot.document.vocabularies]


def _terms(asking: Asking) -> list[Option]:
    vocabulary = asking.snapshot.document.vocabulary(asking.params.get("vocabulary", ""))
    if vocabulary is None or asking.searched:
        return []
    return [(t.id, tk.h.scheming_language_text(t.label)) for t in vocabulary.terms]


def _active_terms(asking: Asking) -> list[Option]:
    vocabulary = asking.snapshot.document.vocabulary(asking.params.get("vocabulary", ""))
    terms = vocabulary.active_terms if vocabulary and not asking.searched else []
    return [(term.id, tk.h.scheming_language_text(term.label)) for term in terms]


def _found(asking: Asking) -> list[Option]:
    return [(value, f"{value} ({count})") for value, count in asking.found]


def _forms(asking: Asking) -> list[Option]:
    return [
        ("text", tk._("one text")),
        ("several", tk._("one of multiple values")),
        ("repeating", tk._("an entry of a repeating field")),
        ("date", tk._("a date")),
    ]


_OF_FIELDS = (_any_field, _with_parts, _texts, _keys, _with_retired, _texts_with_retired)

_FIELD = Question("field", N_("Field"), options=_with_retired, first=True)

QUESTIONS: dict[str, tuple[Question, ...]] = {
    "rename": (
        Question("field", N_("Earlier name in records"), "text"),
        Question("to", N_("Field the values belong to"), options=_any_field),
    ),
    "swap": (
        Question("field", N_("First field"), options=_any_field),
        Question("with", N_("Second field"), options=_any_field),
    ),
    "map_values": (
        _FIELD,
        Question("values", N_("Values found"), "table", help=N_("Leave a row empty to keep its value.")),
    ),
    "set_default": (
        Question("field", N_("Field"), options=_with_parts, first=True),
        Question("value", N_("Value for records without one"), options=lambda asking: asking.terms,
                 term=True, stored=True),
        Question(
            "instead_of", N_("Also replace these, which now count as missing"), "checks",
            options=lambda asking: [(value, value) for value in asking.params["instead_of"]], if_given=True,
        ),
    ),
    "split_interval": (
        Question("field", N_("Field with the period"), options=_texts_with_retired),
        Question("start", N_("Field for the start"), options=_texts),
        Question("end", N_("Field for the end"), options=_texts),
    ),
    "join": (
        Question("fields", N_("Fields to join, in their order on the form"), "checks", options=_texts),
        Question("to", N_("Field for the joined text"), options=_texts),
        Question("separator", N_("Separator"), "text", optional=True),
    ),
    "retype": (
        Question("field", N_("Field"), options=_any_field, first=True),
        Question("to", N_("Each value becomes"), options=_forms),
        Question(
            "separator", N_("Split the text at"), "text", optional=True,
            help=N_("A separator such as ; for multiple values or entries. Leave empty for one value."),
        ),
        Question(
            "part", N_("Part of the entry that gets the text"), "text", optional=True,
            help=N_("For entries only. Leave empty to use the first part."),
        ),
    ),
    "move": (
        Question("key", N_("From"), options=_keys),
        Question("to", N_("To (a field's name, or a new name in “Other fields”)"), "text"),
    ),
    "merge_terms": (
        Question("vocabulary", N_("Controlled vocabulary"), options=_vocabularies, first=True),
        Question("term", N_("Term to merge"), options=_terms, term=True),
        Question("into", N_("Term to keep"), options=_active_terms, term=True),
    ),
    "delete_values": (
        _FIELD,
        Question("values", N_("Values to delete"), "checks", options=_found),
    ),
}  # fmt: skip
