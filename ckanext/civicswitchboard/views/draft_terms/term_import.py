"""Taking a list of terms into the draft: pasted or uploaded, seen first, then taken."""
from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard.core.editing.fields import Edit, EditRefused
from ckanext.civicswitchboard.core.editing.term_import import pasted, preview, take
from ckanext.civicswitchboard.core.editing.terms import TermEditError, new_vocabulary
from ckanext.civicswitchboard.core.editing.vocabularies import add_vocabulary, in_vocabulary
from ckanext.civicswitchboard.core.formats.vocabulary_files import read_vocabulary
from ckanext.civicswitchboard.core.schema.document import DocumentError, Fault, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES, MAX_TERMS
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
    typed,
    vocabulary_of,
)

# More rows than this are taken all or none: a form has a limit to its inputs.
MOST_CHOSEN = 400
# What a form may carry in one input.
MOST_KEPT = 450_000


@dataclass(frozen=True)
class ReadList:
    """What was pasted or uploaded.

    :ivar terms: its terms
    :ivar label: what a SKOS file calls its scheme
    :ivar uri: the scheme's address
    :ivar notes: what of the file was changed or left out
    """

    terms: list[Term]
    label: Any = ""
    uri: str = ""
    notes: Sequence[Message] = ()


@civicswitchboard_draft_terms.route("/vocabularies-from-a-list", methods=["GET", "POST"])
@of_draft
def take_new() -> Answer:
    """A list of terms as a new vocabulary."""
    return _taking(opened("vocabularies"), None)


@civicswitchboard_draft_terms.route("/vocabularies/<vocabulary_id>/list", methods=["GET", "POST"])
@of_draft
def take_into(vocabulary_id: str) -> Answer:
    """A list of terms into a vocabulary."""
    frame = opened("vocabularies")
    return _taking(frame, vocabulary_of(frame.draft.document, vocabulary_id))


def _taking(frame: Frame, vocabulary: Vocabulary | None) -> Answer:
    shown: dict[str, Any] = {"frame": frame, "vocabulary": vocabulary, "faults": [], "label": typed("label")}
    if request.method == "POST" and "kept" in request.form:
        return _take(vocabulary)
    if request.method == "POST":
        try:
            shown |= _seen(frame, vocabulary)
        except DocumentError as error:
            shown["faults"] = [str(fault) for fault in error.faults]
    shown |= {"pasted": request.form.get("pasted", ""), "scheme": typed("scheme")}
    return str(tk.render("metadata_schema/terms/take.html", extra_vars=shown))


def _seen(frame: Frame, target: Vocabulary | None) -> dict[str, Any]:
    """The list against the vocabulary, and what the next form has to carry on."""
    into = target or Vocabulary(id="new", label="", terms=[])
    read = _read_list(into)
    kept = _packed(read)
    total = sum(len(vocabulary.terms) for vocabulary in frame.draft.document.vocabularies)
    looked = preview(into, read.terms)
    if total + looked.count("added") > MAX_TERMS:
        message = tk._("With this list the vocabulary would have %s terms. The limit is %s")
        raise DocumentError([Fault(path="", message=message % (total + looked.count("added"), MAX_TERMS))])
    choose = len(looked.takeable) <= MOST_CHOSEN
    return {
        "preview": looked,
        "numbered": list(enumerate(looked.rows)) if choose else list(enumerate(looked.rows[:MOST_CHOSEN])),
        "kept": kept,
        "choose": choose,
        "notes": read.notes,
        "label": typed("label") or tk.h.scheming_language_text(read.label),
    }


def _read_list(into: Vocabulary) -> ReadList:
    """What the form holds: a file if there is one, else what was pasted."""
    upload = request.files.get("upload")
    if upload is None or not upload.filename:
        notes: list[Message] = []
        return ReadList(pasted(request.form.get("pasted", ""), tk._("The list"), into, notes), notes=notes)
    # One byte more than allowed is enough to see that there are too many.
    read = read_vocabulary(upload.stream.read(MAX_BYTES + 1), upload.filename, typed("scheme"))
    vocabulary = read.vocabulary
    return ReadList(vocabulary.terms, vocabulary.label, vocabulary.uri, read.notes)


def _packed(read: ReadList) -> str:
    terms = [term.model_dump(exclude_unset=True) for term in read.terms]
    data = json.dumps([read.label, read.uri, terms]).encode()
    text = base64.b64encode(zlib.compress(data)).decode()
    if len(text) > MOST_KEPT:
        message = tk._("The list is too long to import at once. Split it into parts")
        raise DocumentError([Fault(path="", message=message)])
    return text


def _unpacked(text: str) -> ReadList:
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(text, validate=True), 4 * MAX_BYTES)
        label, uri, terms = json.loads(data)
        return ReadList([Term.model_validate(term) for term in terms], label, str(uri))
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise EditRefused(N_("This isn't the list you previewed. Choose the list again")) from error


def _take(vocabulary: Vocabulary | None) -> Answer:
    back = address("take_into", vocabulary_id=vocabulary.id) if vocabulary else address("take_new")
    try:
        unpacked = _unpacked(request.form["kept"])
        if vocabulary:
            edit, shown = in_vocabulary(vocabulary.id, _taken(unpacked)), vocabulary.id
        else:
            edit, shown = _new(unpacked)
    except EditRefused as error:
        return common.refused(error.reason.say(tk._, tk.h.scheming_language_text), back)
    return common.edited(edit, address("vocabulary", vocabulary_id=shown), "vocabularies")


def _taken(read: ReadList) -> Callable[[Vocabulary], Vocabulary]:
    chosen = {int(n) for n in request.form.getlist("row") if n.isascii() and n.isdigit() and len(n) < 7}
    everything = "everything" in request.form
    missing = "retire_missing" in request.form

    def change(into: Vocabulary) -> Vocabulary:
        looked = preview(into, read.terms)
        return take(into, looked, looked.takeable if everything else chosen, missing)

    return change


def _new(read: ReadList) -> tuple[Edit, str]:
    """A new vocabulary of a list, and its id."""
    taken = {vocabulary.id for vocabulary in opened("").draft.document.vocabularies}
    said = tk.h.scheming_language_text(read.label) if read.label else ""
    label = read.label if typed("label") == said else typed("label")
    change = _taken(read)
    try:
        made = change(new_vocabulary(taken, label, uri=read.uri))
    except TermEditError as error:
        raise EditRefused(error.message.text, **error.message.values) from error
    except DocumentError as error:
        raise EditRefused(N_("This can't be saved: {reason}"), reason=str(error)) from error
    return add_vocabulary(made), made.id
