"""Vocabularies of the draft and their terms: listed, opened in place, edited, downloaded."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response, request

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.editing import terms
from ckanext.civicswitchboard.core.editing.fields import Edit
from ckanext.civicswitchboard.core.editing.terms import TermEditError
from ckanext.civicswitchboard.core.editing.vocabularies import (
    add_vocabulary,
    in_vocabulary,
    remove_vocabulary,
)
from ckanext.civicswitchboard.core.formats.csv_terms import terms_csv
from ckanext.civicswitchboard.core.formats.skos import Form, write_skos
from ckanext.civicswitchboard.core.schema.choices import TermChoices, is_too_long
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.impact import using_records
from ckanext.civicswitchboard.impact.report import may_count_all
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
    published,
    typed,
    vocabulary_of,
)
from ckanext.civicswitchboard.views.request_args import page_number

PAGE = 100


@dataclass(frozen=True)
class Use:
    """A field that takes its terms from a vocabulary."""

    entity: Entity
    field: Field
    part: Field | None


def fields_using(document: Document, vocabulary_id: str) -> list[Use]:
    """The fields, and the parts of fields, that take their terms from a vocabulary."""
    entities: tuple[Entity, ...] = ("dataset", "resource", "organization")
    return [
        Use(entity, field, part)
        for entity in entities
        for field in document.fields_of(entity)
        for part in [None, *field.repeating_subfields]
        if (part or field).vocabulary == vocabulary_id and field.state == "active"
    ]


@civicswitchboard_draft_terms.route("/vocabularies")
@of_draft
def vocabularies() -> Answer:
    """Every vocabulary, with which fields use it and how many records."""
    frame = opened("vocabularies")
    document = frame.draft.document
    known = {vocabulary.id for vocabulary in published().vocabularies}
    snapshot, public = versions.current(), not may_count_all(common.user())
    rows = [
        {
            "vocabulary": vocabulary,
            "uses": fields_using(document, vocabulary.id),
            "records": sum(impact.term_usage(snapshot, vocabulary.id, public).values())
            if vocabulary.id in known
            else 0,
        }
        for vocabulary in document.vocabularies
    ]
    shown = {"frame": frame, "rows": rows}
    return str(tk.render("metadata_schema/terms/vocabularies.html", extra_vars=shown))


@civicswitchboard_draft_terms.route("/vocabularies", methods=["POST"])
@of_draft
def add() -> Answer:
    """A new vocabulary, empty."""
    try:
        made = terms.new_vocabulary(
            {vocabulary.id for vocabulary in opened("").draft.document.vocabularies},
            typed("label"),
            description=typed("description"),
        )
    except TermEditError as error:
        return common.refused(_sentence(error), address("vocabularies"))
    return common.edited(add_vocabulary(made), address("vocabulary", vocabulary_id=made.id), "vocabularies")


def _sentence(error: TermEditError) -> str:
    return error.message.say(tk._, tk.h.scheming_language_text)


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>")
@of_draft
def vocabulary(vocabulary_id: str) -> Answer:
    """One vocabulary: its terms, one of them opened."""
    frame = opened("vocabularies")
    return _page(frame, vocabulary_of(frame.draft.document, vocabulary_id), request.args.get("term", ""))


def _page(frame: Frame, vocabulary: Vocabulary, wanted: str, errors: dict[str, str] | None = None) -> str:
    """The page of a vocabulary.

    :param wanted: the id of the term to open
    :param errors: why inputs of the opened term that name other terms were refused; they keep what was typed
    """
    matching = _filtered(vocabulary, request.args.get("q", ""))
    page = _page_of(matching, wanted)
    before = published().vocabulary(vocabulary.id)
    shown = {
        **_lines(frame, vocabulary),
        "uses": fields_using(frame.draft.document, vocabulary.id),
        "searched": TermChoices.of(vocabulary) if is_too_long(vocabulary) else None,
        "links": {**_links(vocabulary, wanted), **{name: typed(name) for name in errors or {}}},
        "errors": {name: [message] for name, message in (errors or {}).items()},
        "terms": matching[(page - 1) * PAGE : page * PAGE],
        "before": matching[(page - 1) * PAGE - 1].id if page > 1 else "",
        "page": page,
        "pages": max(1, -(-len(matching) // PAGE)),
        "open": wanted,
        "published": _term_ids(before),
        "new": before is None,
        "narrower": _narrower(vocabulary),
    }
    return str(tk.render("metadata_schema/terms/vocabulary.html", extra_vars=shown))


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>/records")
@of_draft
def records(vocabulary_id: str) -> Answer:
    """The records that hold a term in one of the fields that use the vocabulary."""
    frame = opened("vocabularies")
    current = vocabulary_of(frame.draft.document, vocabulary_id)
    term = next((term for term in current.terms if term.id == request.args.get("term")), None)
    if term is None:
        raise tk.ObjectNotFound(tk._("The vocabulary doesn't have this term"))
    today, facet = versions.newest().document, _facet(vocabulary_id)
    places = [
        using_records.Place(use.entity, use.field.field_name, use.part.field_name if use.part else "")
        for use in fields_using(today, vocabulary_id)
    ]
    label = tk.h.scheming_language_text(term.label)
    back = (address("vocabulary", vocabulary_id=vocabulary_id, term=term.id), tk._("Back to the term"))
    search = str(tk.h.url_for("dataset.search", **{facet: term.value})) if facet else ""
    return common.listed(frame, places, label, back, term.value, search)


def _lines(frame: Frame, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the lines of a vocabulary's terms are drawn with."""
    q = request.args.get("q", "")
    return {
        "frame": frame,
        "vocabulary": vocabulary,
        "q": q,
        "given": {"vocabulary_id": vocabulary.id, **({"q": q} if q else {})},
        "counts": impact.term_usage(
            versions.current(), vocabulary.id, public=not may_count_all(common.user())
        ),
        "changed": {
            change.part
            for change in frame.changes
            if change.place.path == "vocabularies" and change.field == vocabulary.id
        },
        "labels": {term.id: term.label for term in vocabulary.terms},
    }


def _links(vocabulary: Vocabulary, term_id: str) -> dict[str, str]:
    """The values of the terms that a term names, by the input that searches them."""
    opened = next((term for term in vocabulary.terms if term.id == term_id), None)
    values = {term.id: term.value for term in vocabulary.terms}
    return {f"{name}_term": values.get(getattr(opened, name, ""), "") for name in ("broader", "replaced_by")}


def _term_ids(vocabulary: Vocabulary | None) -> set[str]:
    return {term.id for term in vocabulary.terms} if vocabulary else set()


def _filtered(vocabulary: Vocabulary, text: str) -> list[Term]:
    wanted = text.strip().casefold()
    if not wanted:
        return vocabulary.terms
    return [
        term
        for term in vocabulary.terms
        if any(wanted in label for label in terms.labels_of(term)) or wanted in term.value.casefold()
    ]


def _page_of(terms: list[Term], wanted: str) -> int:
    """The page that is asked for, or the one on which the opened term stands."""
    pages = max(1, -(-len(terms) // PAGE))
    place = next((n for n, term in enumerate(terms) if term.id == wanted), None)
    if "page" not in request.args and place is not None:
        return place // PAGE + 1
    return min(page_number(), pages)


def _facet(vocabulary_id: str) -> str:
    """The search parameter by which visitors find datasets with a term, "" where there is none."""
    facets = versions.current().facets.items()
    return next((name for name, field in facets if field.field.vocabulary == vocabulary_id), "")


def _narrower(vocabulary: Vocabulary) -> dict[str, int]:
    counts: dict[str, int] = {}
    for term in vocabulary.terms:
        counts[term.broader] = counts.get(term.broader, 0) + 1
    return counts


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>", methods=["POST"])
@of_draft
def edit(vocabulary_id: str) -> Answer:
    """An edit of the vocabulary or of one of its terms; the button says which."""
    action = next((name for name in _EDITS if name in request.form), "")
    if not action:
        return common.refused(tk._("Choose an action"), address("vocabulary", vocabulary_id=vocabulary_id))
    term = typed(action) or typed("term")
    if again := _typed_again(vocabulary_id, term, action):
        return again
    wanted = _EDITS[action]
    back = {"term": term} if wanted.stays_open and term else {}
    if request.args.get("q"):
        back["q"] = request.args["q"]
    elsewhere = action == "remove_vocabulary"
    return common.edited(
        wanted.edit(vocabulary_id, term),
        address("vocabularies") if elsewhere else address("vocabulary", vocabulary_id=vocabulary_id, **back),
        "vocabularies",
        part=partial(wanted.drawn, vocabulary_id, term) if wanted.drawn else None,
    )


def _typed_again(vocabulary_id: str, term_id: str, action: str) -> str:
    """The page with what was typed, where that names no other term; empty where it does.

    HTMX leaves the page as it is and shows the message.
    """
    name = _EDITS[action].names
    if common.is_htmx() or not typed(f"{name}_term"):
        return ""
    frame = opened("vocabularies")
    vocabulary = vocabulary_of(frame.draft.document, vocabulary_id)
    try:
        _other(vocabulary, name)
        return ""
    except TermEditError as error:
        message = _sentence(error)
    with suppress(TermEditError):
        vocabulary = _with_texts(vocabulary, term_id) if action == "set" else vocabulary
    tk.h.flash_error(message)
    seen = replace(frame, draft=replace(frame.draft, revision=common.revision()))
    return _page(seen, vocabulary, term_id, {f"{name}_term": message})


def _other(vocabulary: Vocabulary, name: str) -> str:
    """The id of the other term that a form names, chosen from a list or searched; empty for none.

    :param name: the input of a list; the one of a search ends with ``_term``
    :raises TermEditError: when what was typed names no term, or more than one
    """
    text = typed(f"{name}_term")
    return terms.named(vocabulary, text, name).id if text else typed(name)


def _saved_term(vocabulary_id: str, term_id: str, frame: Frame) -> str:
    """What a saved term changes on the page: its line."""
    vocabulary = vocabulary_of(frame.draft.document, vocabulary_id)
    shown = {
        **_lines(frame, vocabulary),
        "term": terms.term_of(vocabulary, term_id),
        "opened": True,
        "oob": True,
    }
    return str(tk.render_snippet("metadata_schema/terms/term_row.html", shown))


def _saved_vocabulary(vocabulary_id: str, _term: str, frame: Frame) -> str:
    """What a saved vocabulary changes on the page: what it is called."""
    shown = {"vocabulary": vocabulary_of(frame.draft.document, vocabulary_id), "oob": True}
    return str(tk.render_snippet("metadata_schema/terms/vocabulary_title.html", shown))


def _of_term(change: Callable[[Vocabulary, str], Vocabulary]) -> Callable[[str, str], Edit]:
    return lambda vocabulary_id, term: in_vocabulary(
        vocabulary_id, lambda vocabulary: change(vocabulary, term)
    )


def _add_term(vocabulary: Vocabulary, _term: str) -> Vocabulary:
    return terms.add(vocabulary, typed("label"), typed("value"), definition=typed("definition"))


def _set_term(vocabulary: Vocabulary, term_id: str) -> Vocabulary:
    return terms.broaden(_with_texts(vocabulary, term_id), term_id, _other(vocabulary, "broader"))


def _with_texts(vocabulary: Vocabulary, term_id: str) -> Vocabulary:
    term = terms.term_of(vocabulary, term_id)
    texts: dict[str, Any] = {
        name: common.said(getattr(term, name), name)
        for name in ("label", "definition", "scope_note")
    }
    plain = {name: typed(name).replace("\r\n", "\n") for name in ("uri", "source", "note")}
    labels = _alternates(term)
    return terms.change(vocabulary, term_id, **texts, **plain, **labels)


def _alternates(term: Term) -> dict[str, Any]:
    """The alternate labels as typed, one a line, those in languages written ``es: texto``."""
    before = [
        f"{code}: {text}" for label in term.alternate_labels
        for code, text in (label.items() if isinstance(label, dict) else [("", label)])
    ]
    lines = [line.strip() for line in typed("alternate_labels").splitlines() if line.strip()]
    if lines == [line.removeprefix(": ") for line in before]:
        return {}
    known = {code for label in term.alternate_labels if isinstance(label, dict) for code in label}
    labels: list[Any] = []
    for line in lines:
        code, colon, text = line.partition(":")
        labels.append({code: text.strip()} if colon and code in known else line)
    return {"alternate_labels": labels}


def _place(vocabulary: Vocabulary, term: str) -> Vocabulary:
    return terms.place(vocabulary, term, _other(vocabulary, "after"))


def _retire(vocabulary: Vocabulary, term: str) -> Vocabulary:
    return terms.retire(vocabulary, term, _other(vocabulary, "replaced_by"))


def _merge(vocabulary: Vocabulary, term: str) -> Vocabulary:
    into = _other(vocabulary, "into")
    if not into:
        raise TermEditError("into", Message(N_("Choose the term to merge into")))
    return terms.merge(vocabulary, term, into)


def _remove(vocabulary: Vocabulary, term: str) -> Vocabulary:
    return terms.remove(vocabulary, term, _term_ids(published().vocabulary(vocabulary.id)))


def _sort(vocabulary: Vocabulary, _term: str) -> Vocabulary:
    return terms.in_order(vocabulary, tk.h.scheming_language_text)


def _set_vocabulary(vocabulary: Vocabulary, _term: str) -> Vocabulary:
    label = common.said(vocabulary.label, "label")
    terms.new_vocabulary(set(), label)
    description = common.said(vocabulary.description, "description")
    texts = {"label": label, "description": description, "uri": typed("uri"), "note": typed("note")}
    return vocabulary.model_copy(update=texts)


def _remove_vocabulary(vocabulary_id: str, _term: str) -> Edit:
    return remove_vocabulary(vocabulary_id, {vocabulary.id for vocabulary in published().vocabularies})


@dataclass(frozen=True)
class _Action:
    """What a button or a form asks for.

    :ivar edit: the edit, of a vocabulary and a term in it
    :ivar stays_open: whether the term is shown opened after it
    :ivar names: the input that names another term, if any
    :ivar drawn: what HTMX puts into the page after an edit that leaves the page as it is
    """

    edit: Callable[[str, str], Edit]
    stays_open: bool = False
    names: str = ""
    drawn: Callable[[str, str, Frame], str] | None = None


# By the name in the form.
_EDITS: dict[str, _Action] = {
    "up": _Action(_of_term(partial(terms.shift, steps=-1)), stays_open=True),
    "down": _Action(_of_term(partial(terms.shift, steps=1)), stays_open=True),
    "place": _Action(_of_term(_place), stays_open=True, names="after"),
    "sort": _Action(_of_term(_sort)),
    "add": _Action(_of_term(_add_term)),
    "set": _Action(_of_term(_set_term), stays_open=True, names="broader", drawn=_saved_term),
    "retire": _Action(_of_term(_retire), stays_open=True, names="replaced_by"),
    "restore": _Action(_of_term(terms.restore), stays_open=True),
    "merge": _Action(_of_term(_merge), stays_open=True, names="into"),
    "remove": _Action(_of_term(_remove)),
    "set_vocabulary": _Action(_of_term(_set_vocabulary), drawn=_saved_vocabulary),
    "remove_vocabulary": _Action(_remove_vocabulary),
}


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>/terms.csv")
@of_draft
def download_csv(vocabulary_id: str) -> Answer:
    """The terms as a table; the mark at its start tells spreadsheets that it is UTF-8."""
    vocabulary = vocabulary_of(opened("").draft.document, vocabulary_id)
    return _download(f"{vocabulary_id}.csv", f"\ufeff{terms_csv(vocabulary)}", "text/csv")


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>/skos.ttl")
@of_draft
def download_turtle(vocabulary_id: str) -> Answer:
    """The vocabulary as SKOS in Turtle."""
    return _skos(vocabulary_id, "turtle", "ttl", "text/turtle")


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>/skos.jsonld")
@of_draft
def download_jsonld(vocabulary_id: str) -> Answer:
    """The vocabulary as SKOS in JSON-LD."""
    return _skos(vocabulary_id, "json-ld", "jsonld", "application/ld+json")


def _skos(vocabulary_id: str, form: Form, ending: str, mimetype: str) -> Response:
    vocabulary = vocabulary_of(opened("").draft.document, vocabulary_id)
    base = tk.h.url_for("civicswitchboard_metadata_schema.show", qualified=True, locale="default")
    return _download(
        f"{vocabulary_id}.{ending}", write_skos(vocabulary, form, f"{base}/vocabulary"), mimetype
    )


def _download(name: str, text: str, mimetype: str) -> Response:
    response = Response(text, content_type=f"{mimetype}; charset=utf-8")
    safe = "".join(
        character if (character.isalnum() and character.isascii()) or character in "_.-" else "_"
        for character in name
    )
    response.headers["Content-Disposition"] = f'attachment; filename="draft-{safe}"'
    return response
