"""A controlled vocabulary in a file of its own, taken into a document."""
from __future__ import annotations

from pathlib import Path

from ckanext.civicswitchboard.core.document import Document, Term, Vocabulary
from ckanext.civicswitchboard.core.files import read_text
from ckanext.civicswitchboard.core.skos import Form, read_skos
from ckanext.civicswitchboard.core.term_tables import read_terms

SKOS_FILES: dict[str, Form] = {".ttl": "turtle", ".jsonld": "json-ld"}


def vocabulary_of(path: Path, wanted: str | None) -> Vocabulary:
    """The vocabulary in a file.

    :param path: SKOS when its name ends in .ttl or .jsonld, else a table of terms
    :param wanted: the id that it is to have; a table needs it, SKOS has one
    :raises DocumentError: with every fault
    :raises OSError: when it cannot be read
    """
    text, form = read_text(path), SKOS_FILES.get(path.suffix.lower())
    if form is None:
        return Vocabulary(id=wanted or "", label=wanted or "", terms=read_terms(text, path.name))
    found = read_skos(text, form, path.name)
    return found.model_copy(update={"id": wanted}) if wanted else found


def with_vocabulary(document: Document, given: Vocabulary) -> Document:
    """A document with a vocabulary's terms taken in.

    A term is the one that is there with its id or its stored value; what the file does not say
    of it stays, what records store never changes, and terms that the file lacks stay.

    :param given: the vocabulary of a file; one that the document lacks is added whole
    """
    known = document.vocabulary(given.id)
    taken = _taken(known, given.terms) if known else given
    vocabularies = [taken if each is known else each for each in document.vocabularies]
    if known is None:
        vocabularies.append(taken)
    return document.model_copy(update={"vocabularies": vocabularies})


def _taken(known: Vocabulary, given: list[Term]) -> Vocabulary:
    by_value = {term.value: term.id for term in known.terms}
    ids = {term.id: by_value.get(term.value, term.id) for term in given}
    terms = {term.id: term for term in known.terms}
    for each in given:
        said = {name: getattr(each, name) for name in each.model_fields_set - {"id", "value"}}
        for link in ("broader", "replaced_by", "merged_into"):
            if said.get(link):
                said[link] = ids.get(said[link], said[link])
        before = terms.get(ids[each.id]) or Term(id=each.id, value=each.value, label=each.label)
        terms[before.id] = before.model_copy(update=said)
    return known.model_copy(update={"terms": list(terms.values())})
