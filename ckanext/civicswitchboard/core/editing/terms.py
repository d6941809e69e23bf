"""Edits of a controlled vocabulary, each from one vocabulary to the next.

A term's id lasts and what records store of it never changes: a wrong term is retired, says
what to use instead, or is merged into another. Only one that was never published goes.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from ckanext.civicswitchboard.core.formats.csv_terms import separate_labels
from ckanext.civicswitchboard.core.schema.document import Term, Text, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, first_language, shortened
from ckanext.civicswitchboard.core.schema.slugs import unused, word

# What may be set of a term that is there; the rest has an edit of its own.
TEXTS = ("label", "alternate_labels", "definition", "scope_note", "uri", "source", "note")
_LINKS = ("broader", "replaced_by", "merged_into")


class TermEditError(ValueError):
    """An edit that cannot be made.

    :ivar attribute: the attribute that is at fault, as the form calls it
    :ivar message: why
    """

    def __init__(self, attribute: str, message: Message) -> None:
        self.attribute = attribute
        self.message = message
        super().__init__(str(message))


def term_of(vocabulary: Vocabulary, term_id: str) -> Term:
    """The term with an id.

    :raises TermEditError: when there is none
    """
    match = next((term for term in vocabulary.terms if term.id == term_id), None)
    if match is None:
        message = Message(N_("There's no term “{term}” in this vocabulary"), {"term": term_id})
        raise TermEditError("term", message)
    return match


def named(vocabulary: Vocabulary, text: str, attribute: str) -> Term:
    """The term that a person chose or typed: the one with that value, or else with that label.

    A label of a term on offer goes before the same label of one that isn't.

    :param text: a value, or a label in any language and case
    :param attribute: the input, which an error is about
    :raises TermEditError: when no term is called so, or more than one
    """
    by_value = next((term for term in vocabulary.terms if term.value == text), None)
    if by_value:
        return by_value
    wanted = _compared(text)
    called = [term for term in vocabulary.terms if wanted in labels_of(term)]
    matches = [term for term in called if term.state == "active"] or called
    if len(matches) == 1:
        return matches[0]
    values = ", ".join(shortened(term.value) for term in matches[:_MOST_NAMED])
    message = _AMBIGUOUS if matches else _UNKNOWN
    raise TermEditError(attribute, Message(message, {"text": shortened(text), "values": values}))


# How many of the terms with one label an error lists.
_MOST_NAMED = 5
_AMBIGUOUS = N_("More than one term is called “{text}”. Type the stored value, such as {values}.")
_UNKNOWN = N_("“{text}” isn't a term of this vocabulary. Choose one from the list, or type its whole label.")


def add(vocabulary: Vocabulary, label: Text, value: str = "", **texts: Any) -> Vocabulary:
    """A vocabulary with one more term, at its end.

    :param label: what it is called
    :param value: what records are to store; made of the label when left out
    :param texts: more of :data:`TEXTS`
    :raises TermEditError: when the label says nothing, or the value or label is there already
    """
    label = _said(label)
    value = value.strip() or _new_value(vocabulary, label)
    for term in vocabulary.terms:
        if term.value == value:
            message = N_("“{label}” already stores “{value}”")
            raise TermEditError("value", Message(message, {"label": term.label, "value": value}))
    _label_is_free(vocabulary, label)
    term = Term(id=_new_id(vocabulary, value), value=value, label=label, **_clean(texts))
    return _with(vocabulary, [*vocabulary.terms, term])


def change(vocabulary: Vocabulary, term_id: str, **texts: Any) -> Vocabulary:
    """A vocabulary in which a term says something else.

    :param texts: those of :data:`TEXTS` that change
    :raises TermEditError: when the new label says nothing or is another term's
    """
    texts = _clean(texts)
    if "label" in texts:
        texts["label"] = _said(texts["label"])
        if texts["label"] != term_of(vocabulary, term_id).label:
            _label_is_free(vocabulary, texts["label"], but=term_id)
    return _updated(vocabulary, term_id, **texts)


def broaden(vocabulary: Vocabulary, term_id: str, broader: str) -> Vocabulary:
    """A vocabulary in which a term stands under a wider one.

    :param broader: the wider term's id, "" for none
    :raises TermEditError: when it stands under the term itself
    """
    above, seen = broader, {term_id}
    while above:
        if above in seen:
            message = Message(N_("A term can't be narrower than itself or one of its own narrower terms"))
            raise TermEditError("broader", message)
        seen.add(above)
        above = term_of(vocabulary, above).broader
    return _updated(vocabulary, term_id, broader=broader)


def retire(vocabulary: Vocabulary, term_id: str, replaced_by: str = "") -> Vocabulary:
    """A vocabulary in which a term is no longer offered.

    :param replaced_by: the id of the one to use instead, "" for none
    :raises TermEditError: when that one is not offered either, or the term is merged already
    """
    if term_of(vocabulary, term_id).merged_into:
        message = Message(N_("This term was merged into another one. Restore it first"))
        raise TermEditError("term", message)
    if replaced_by:
        _offered(vocabulary, replaced_by, term_id, "replaced_by")
        # One that is offered sends nobody on; a file may say so all the same, and in a circle.
        vocabulary = _updated(vocabulary, replaced_by, replaced_by="")
        # Whoever is sent to this term is sent on.
        for term in vocabulary.terms:
            if term.replaced_by == term_id:
                vocabulary = _updated(vocabulary, term.id, replaced_by=replaced_by)
    return _updated(vocabulary, term_id, state="retired", replaced_by=replaced_by)


def restore(vocabulary: Vocabulary, term_id: str) -> Vocabulary:
    """A vocabulary in which a term is offered again; one that was merged stands for itself."""
    term = term_of(vocabulary, term_id)
    restored = _updated(vocabulary, term_id, state="active", replaced_by="", merged_into="")
    if not term.merged_into:
        return restored
    winner = term_of(vocabulary, term.merged_into)
    own = separate_labels([term.label, *term.alternate_labels])
    kept_labels = [label for label in winner.alternate_labels if label not in own]
    return _updated(restored, winner.id, alternate_labels=kept_labels)


def merge(vocabulary: Vocabulary, loser: str, winner: str) -> Vocabulary:
    """A vocabulary in which one term has become part of another.

    The loser is no longer offered, and its labels are alternate labels of the winner. What
    named the loser names the winner, so that no term leads to one that leads on.

    :raises TermEditError: when the winner is the same term or not offered
    """
    kept = _offered(vocabulary, winner, loser, "merged_into")
    lost = term_of(vocabulary, loser)
    labels = [label for label in [lost.label, *lost.alternate_labels] if label != kept.label]
    alternates = separate_labels([*kept.alternate_labels, *labels])
    terms = []
    for term in vocabulary.terms:
        links: dict[str, Any] = {name: winner for name in _LINKS if getattr(term, name) == loser}
        if term.id == winner:
            # A wider term that becomes part of a narrower one leaves it where it stood itself.
            above = lost.broader if lost.broader != winner else ""
            links = {name: above if name == "broader" else "" for name in links}
            # What is offered is part of no other term, and is used itself.
            links |= {"alternate_labels": alternates, "merged_into": "", "replaced_by": ""}
        elif term.id == loser:
            links = {"state": "retired", "merged_into": winner, "replaced_by": ""}
        terms.append(term.model_copy(update=links))
    return _without_circles(_with(vocabulary, terms), winner)


def remove(vocabulary: Vocabulary, term_id: str, published: Collection[str]) -> Vocabulary:
    """A vocabulary without a term that no version had.

    :param published: the ids of the terms that the current version has
    :raises TermEditError: when it was published, as records may hold it
    """
    if term_of(vocabulary, term_id).id in published:
        message = Message(N_("Records may use this term. Retire it instead"))
        raise TermEditError("term", message)
    return _with(
        vocabulary,
        [
            term.model_copy(update={name: "" for name in _LINKS if getattr(term, name) == term_id})
            for term in vocabulary.terms
            if term.id != term_id
        ],
    )


def place(vocabulary: Vocabulary, term_id: str, after: str) -> Vocabulary:
    """A vocabulary in which a term stands behind another.

    :param after: the id of that one, "" for the beginning
    """
    moving = term_of(vocabulary, term_id)
    if after == term_id:
        return vocabulary
    terms = [term for term in vocabulary.terms if term is not moving]
    number = terms.index(term_of(vocabulary, after)) + 1 if after else 0
    return _with(vocabulary, [*terms[:number], moving, *terms[number:]])


def shift(vocabulary: Vocabulary, term_id: str, steps: int) -> Vocabulary:
    """A vocabulary in which a term stands some places later, or earlier.

    :param steps: how many places; at an end of the list it stays there
    """
    terms = list(vocabulary.terms)
    moving = term_of(vocabulary, term_id)
    number = terms.index(moving)
    terms.remove(moving)
    terms.insert(max(number + steps, 0), moving)
    return _with(vocabulary, terms)


def in_order(vocabulary: Vocabulary, say: Callable[[Text], str] = first_language) -> Vocabulary:
    """A vocabulary whose terms stand in the order of the alphabet.

    :param say: gives a label in the curator's language
    """
    ordered = sorted(vocabulary.terms, key=lambda term: (say(term.label).casefold(), term.id))
    return _with(vocabulary, ordered)


def new_vocabulary(taken: Collection[str], label: Text, **more: Any) -> Vocabulary:
    """An empty vocabulary.

    :param taken: the ids of those that are there
    :param label: what it is called; its id is made of it
    :param more: ``description``, ``uri``
    :raises TermEditError: when the label says nothing
    """
    label = _said(label)
    base = word(first_language(label)).lstrip("_0123456789") or "vocabulary"
    return Vocabulary(id=unused(base, taken), label=label, terms=[], **more)


def stores_labels(vocabulary: Vocabulary) -> bool:
    """Whether what the vocabulary's terms store is their labels, as where real data had them first."""
    terms = vocabulary.active_terms
    return bool(terms) and all(term.value in _texts(term.label) for term in terms)


def labels_of(term: Term) -> set[str]:
    """A term's labels in every language, as people compare them."""
    return {_compared(text) for text in _texts(term.label)}


def _compared(text: str) -> str:
    return " ".join(text.split()).casefold()


def _texts(label: Text) -> Iterable[str]:
    return label.values() if isinstance(label, dict) else [label]


def _said(label: Text) -> Text:
    """A label without blanks around it and without languages that say nothing."""
    if isinstance(label, dict):
        texts = {language: text.strip() for language, text in label.items() if text.strip()}
        if texts:
            return texts
    elif label.strip():
        return label.strip()
    raise TermEditError("label", Message(N_("Enter a label")))


def _label_is_free(vocabulary: Vocabulary, label: Text, but: str = "") -> None:
    wanted = {_compared(text) for text in _texts(label)}
    for term in vocabulary.terms:
        if term.id != but and term.state == "active" and wanted & labels_of(term):
            message = Message(N_("There's already a term “{label}”"), {"label": term.label})
            raise TermEditError("label", message)


def _offered(vocabulary: Vocabulary, other: str, than: str, attribute: str) -> Term:
    """Another term, which is offered."""
    term_of(vocabulary, than)
    term = term_of(vocabulary, other)
    if term.id == than or term.state != "active":
        message = Message(N_("Choose another term that is still offered"))
        raise TermEditError(attribute, message)
    return term


def _new_value(vocabulary: Vocabulary, label: Text) -> str:
    """What a new term stores: a word, or its label where the vocabulary's other terms do so."""
    text = first_language(label)
    wanted = text if stores_labels(vocabulary) else word(text) or text
    return unused(wanted, {term.value for term in vocabulary.terms})


def _new_id(vocabulary: Vocabulary, value: str) -> str:
    return unused(word(value) or "term", {term.id for term in vocabulary.terms})


def _clean(texts: dict[str, Any]) -> dict[str, Any]:
    unknown = set(texts) - set(TEXTS)
    if unknown:
        raise TypeError(f"no text of a term: {', '.join(sorted(unknown))}")
    if "alternate_labels" in texts:
        texts = {**texts, "alternate_labels": separate_labels(texts["alternate_labels"])}
    return texts


def _updated(vocabulary: Vocabulary, term_id: str, **attributes: Any) -> Vocabulary:
    chosen = term_of(vocabulary, term_id)
    terms = [
        term.model_copy(update=attributes) if term is chosen else term for term in vocabulary.terms
    ]
    return _with(vocabulary, terms)


def _without_circles(vocabulary: Vocabulary, term_id: str) -> Vocabulary:
    """The vocabulary, the term on top where it would stand under itself."""
    try:
        return broaden(vocabulary, term_id, term_of(vocabulary, term_id).broader)
    except TermEditError:
        return _updated(vocabulary, term_id, broader="")


def _with(vocabulary: Vocabulary, terms: list[Term]) -> Vocabulary:
    return vocabulary.model_copy(update={"terms": terms})
