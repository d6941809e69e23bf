"""A controlled vocabulary in a file of its own: SKOS or a table, as other programs write them."""
from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ckanext.civicswitchboard.core.formats.csv_terms import read_terms
from ckanext.civicswitchboard.core.formats.skos import Form, read_skos
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, Fault, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES

SKOS_FILES: dict[str, Form] = {
    ".ttl": "turtle",
    ".n3": "turtle",
    # N-Triples is a part of Turtle.
    ".nt": "turtle",
    ".jsonld": "json-ld",
    ".json": "json-ld",
    ".rdf": "rdf-xml",
    ".xml": "rdf-xml",
    ".owl": "rdf-xml",
}
TABLES = (".csv", ".tsv", ".txt")

# How each form begins, whatever the file is called. No table of terms begins like this.
_BEGINNINGS: dict[Form, re.Pattern[str]] = {
    "rdf-xml": re.compile(r"<\?xml|<!DOCTYPE\s|<rdf:RDF", re.IGNORECASE),
    "json-ld": re.compile(r'\{\s*"[^"]*"\s*:|\[\s*\{'),
    "turtle": re.compile(
        r"(#[^\n]*\n\s*)*(@prefix\s|@base\s|(prefix|base)\s+[^\s<]*\s*<|<[^<>\s]*>\s+(<|a\s))", re.IGNORECASE
    ),
}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What words in other scripts, and letters stored in another way, look like in Windows-1252.
_GARBLED = re.compile("[\u00c0-\u00ff]{4}|[\x00-\x08\x0e-\x1f]")
_GUESSED = N_("The file isn't in UTF-8, so it was read as Windows-1252. Check its accented letters.")
_ADVICE = "save it as “CSV UTF-8”"


@dataclass(frozen=True)
class VocabularyFile:
    """What a file holds.

    :ivar vocabulary: its id is "" where the file has none
    :ivar notes: what was changed or left out on the way
    """

    vocabulary: Vocabulary
    notes: Sequence[Message] = ()


def read_vocabulary(content: bytes, name: str, scheme: str = "") -> VocabularyFile:
    """The vocabulary in a file. Its form is recognized by its content first, then by its name.

    :param content: SKOS in UTF-8 or UTF-16, or a table of terms as spreadsheets save them: in
        UTF-8, UTF-16 or Windows-1252; 5 MB at most
    :param name: the file's name
    :param scheme: which concept scheme of SKOS with more than one; see :func:`.skos.read_skos`
    :raises DocumentError: with every fault
    """
    if len(content) > MAX_BYTES:
        raise _refused(name, f"larger than {MAX_BYTES:,} bytes")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused(name, f"is a workbook; {_ADVICE}")
    text, guessed = _decoded(content, name)
    if not text.strip("\0 \t\r\n"):
        raise _refused(name, "is empty")
    notes = [Message(_GUESSED)] if guessed else []
    form = _form(text, name)
    if form:
        return VocabularyFile(read_skos(text, form, name, notes, scheme), notes)
    if Path(name).suffix.lower() not in TABLES:
        raise _refused(name, f"has to end in {', '.join((*TABLES, *SKOS_FILES))}")
    return VocabularyFile(Vocabulary(id="", label="", terms=read_terms(text, name, notes)), notes)


def _refused(name: str, message: str) -> DocumentError:
    return DocumentError([Fault(path=name, message=message)])


def _form(text: str, name: str) -> Form | None:
    """The form of SKOS, None for a table."""
    begins = text.lstrip()
    forms = (form for form, beginning in _BEGINNINGS.items() if beginning.match(begins))
    return next(forms, None) or SKOS_FILES.get(Path(name).suffix.lower())


def _decoded(content: bytes, name: str) -> tuple[str, bool]:
    """A text, and whether its encoding was guessed."""
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")
    if not marked and b"\0" in content[:2]:
        marked = "utf-16-be" if content.startswith(b"\0") else "utf-16-le"
    try:
        return content.decode(marked or "utf-8"), False
    except UnicodeDecodeError as error:
        place = error.start + 1
    if marked or Path(name).suffix.lower() in SKOS_FILES:
        raise _refused(name, f"is not text in {marked or 'UTF-8'} (byte {place})")
    text = content.decode("cp1252", "replace")
    if "\N{REPLACEMENT CHARACTER}" in text or _GARBLED.search(text):
        raise _refused(name, f"is not text in UTF-8 (byte {place}); {_ADVICE}")
    return text, True


def vocabulary_of(
    path: Path, wanted: str | None, notes: list[Message] | None = None, scheme: str = ""
) -> Vocabulary:
    """The vocabulary in a file.

    :param path: the file; see :func:`read_vocabulary`
    :param wanted: the id that it is to have; a table needs it, SKOS has one
    :param notes: gets what was changed or left out on the way
    :param scheme: as for :func:`read_vocabulary`
    :raises DocumentError: with every fault
    :raises OSError: when it cannot be read
    """
    with path.open("rb") as file:
        # One byte more than allowed is enough to see that there are too many.
        read = read_vocabulary(file.read(MAX_BYTES + 1), path.name, scheme)
    if notes is not None:
        notes += read.notes
    vocabulary = read.vocabulary
    label = vocabulary.label or wanted or ""
    return vocabulary.model_copy(update={"id": wanted or vocabulary.id, "label": label})


def with_vocabulary(document: Document, imported: Vocabulary) -> Document:
    """A document with a vocabulary's terms taken in.

    A term is the one that is there with its id or its stored value; what the file does not say
    of it stays, what records store never changes, and terms that the file lacks stay.

    :param imported: the vocabulary of a file; one that the document lacks is added whole
    """
    known = document.vocabulary(imported.id)
    taken = _taken(known, imported.terms) if known else imported
    vocabularies = [taken if vocabulary is known else vocabulary for vocabulary in document.vocabularies]
    if known is None:
        vocabularies.append(taken)
    return document.model_copy(update={"vocabularies": vocabularies})


def _taken(known: Vocabulary, raw_terms: list[Term]) -> Vocabulary:
    by_value = {term.value: term.id for term in known.terms}
    ids = {term.id: by_value.get(term.value, term.id) for term in raw_terms}
    terms = {term.id: term for term in known.terms}
    for raw_term in raw_terms:
        said = {name: getattr(raw_term, name) for name in raw_term.model_fields_set - {"id", "value"}}
        for link in ("broader", "replaced_by", "merged_into"):
            if said.get(link):
                said[link] = ids.get(said[link], said[link])
        before = terms.get(ids[raw_term.id]) or Term(
            id=raw_term.id, value=raw_term.value, label=raw_term.label
        )
        terms[before.id] = before.model_copy(update=said)
    return known.model_copy(update={"terms": list(terms.values())})
