"""Controlled vocabularies as SKOS, out and in: Turtle and JSON-LD.

Each term is a concept with an address of its own under the portal's; its ``uri`` is an exact
match, since two terms may match one concept elsewhere. Nothing is ever fetched to read one.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS

from ckanext.civicswitchboard.core.document import DocumentError, Fault, Term, Text, Vocabulary
from ckanext.civicswitchboard.core.files import MAX_BYTES, parse_json
from ckanext.civicswitchboard.core.naming import word
from ckanext.civicswitchboard.core.term_tables import separate_labels

Form = Literal["turtle", "json-ld"]
MERGED = rdflib.URIRef("urn:civicswitchboard:mergedInto")

# How a term's attributes are said: texts in languages, plain texts, and other terms.
_TEXTS = {"label": SKOS.prefLabel, "definition": SKOS.definition, "scope_note": SKOS.scopeNote}
_PLAIN = {
    "id": DCTERMS.identifier,
    "value": SKOS.notation,
    "source": DCTERMS.source,
    "note": SKOS.editorialNote,
}
_ALTERNATE = SKOS.altLabel
_OTHERS = {"broader": SKOS.broader, "replaced_by": DCTERMS.isReplacedBy, "merged_into": MERGED}

# What RDF takes for an address and for a language; anything else is left out.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+\Z")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")


def write_skos(vocabulary: Vocabulary, form: Form, base: str) -> str:
    """A vocabulary as SKOS; :func:`read_skos` reads it back.

    :param vocabulary: the vocabulary
    :param form: the form of the text
    :param base: the address under which the portal has its vocabularies
    """
    graph = rdflib.Graph()
    graph.bind("skos", SKOS)
    graph.bind("dct", DCTERMS)
    scheme = rdflib.URIRef(f"{base.rstrip('/')}/{quote(vocabulary.id, safe='')}")
    concepts = {term.id: rdflib.URIRef(f"{scheme}/{quote(term.id, safe='')}") for term in vocabulary.terms}
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.identifier, rdflib.Literal(vocabulary.id)))
    _add_text(graph, scheme, SKOS.prefLabel, vocabulary.label)
    _add_text(graph, scheme, DCTERMS.description, vocabulary.description)
    if _ADDRESS.match(vocabulary.uri):
        graph.add((scheme, SKOS.exactMatch, rdflib.URIRef(vocabulary.uri)))
    if vocabulary.note:
        graph.add((scheme, SKOS.editorialNote, rdflib.Literal(vocabulary.note)))
    for term in vocabulary.terms:
        _add_term(graph, scheme, concepts, term)
    order, members = rdflib.URIRef(f"{scheme}#order"), rdflib.BNode()
    graph.add((order, RDF.type, SKOS.OrderedCollection))
    graph.add((order, SKOS.memberList, members))
    Collection(graph, members, list(concepts.values()))
    return str(graph.serialize(format=form))


def _add_term(graph: Any, scheme: Any, concepts: dict[str, Any], term: Term) -> None:
    concept = concepts[term.id]
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.inScheme, scheme))
    for name, predicate in _TEXTS.items():
        _add_text(graph, concept, predicate, getattr(term, name))
    for label in term.alternate_labels:
        _add_text(graph, concept, _ALTERNATE, label)
    for name, predicate in _PLAIN.items():
        if getattr(term, name):
            graph.add((concept, predicate, rdflib.Literal(getattr(term, name))))
    for name, predicate in _OTHERS.items():
        if getattr(term, name) in concepts:
            graph.add((concept, predicate, concepts[getattr(term, name)]))
    if _ADDRESS.match(term.uri):
        graph.add((concept, SKOS.exactMatch, rdflib.URIRef(term.uri)))
    if term.state == "retired":
        graph.add((concept, OWL.deprecated, rdflib.Literal(True)))


def _add_text(graph: Any, subject: Any, predicate: Any, text: Text) -> None:
    if isinstance(text, dict):
        for language, words in text.items():
            tag = language.replace("_", "-")
            if _TAG.match(tag):
                graph.add((subject, predicate, rdflib.Literal(words, lang=tag)))
    elif text:
        graph.add((subject, predicate, rdflib.Literal(text)))


def read_skos(text: str, form: Form, name: str) -> Vocabulary:
    """The vocabulary of a SKOS text, ours or another's.

    A concept without a notation stores its label in small letters and _.

    :param text: the text, with one concept scheme
    :param form: its form
    :param name: the file's name, for the messages
    :raises DocumentError: when it cannot be read, or has no scheme or concept;
        ``core.rules.faults_of`` tells what else is wrong once it stands in a document
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    if form == "json-ld" and _fetches(parse_json(text, name)):
        message = "names a context elsewhere, which is not fetched; write it into the file"
        raise DocumentError([Fault(path=name, message=message)])
    graph = rdflib.Graph()
    try:
        graph.parse(data=text, format=form)
        concepts = _concepts(graph)
    except Exception as error:  # rdflib's parsers raise whatever their input breaks
        lines = str(error).splitlines() or [type(error).__name__]
        raise DocumentError([Fault(path=name, message=f"not readable as {form}: {lines[0]}")]) from None
    schemes = sorted(graph.subjects(RDF.type, SKOS.ConceptScheme), key=str)
    if len(schemes) != 1 or not concepts:
        message = f"has {len(schemes)} concept schemes and {len(concepts)} concepts; one scheme is needed"
        raise DocumentError([Fault(path=name, message=message)])
    return _vocabulary(graph, schemes[0], concepts)


def _fetches(data: Any) -> bool:
    """Whether reading JSON-LD would fetch something: a context or an import by its address."""
    if isinstance(data, list):
        return any(_fetches(each) for each in data)
    if not isinstance(data, dict):
        return False
    context = data.get("@context")
    contexts = context if isinstance(context, list) else [context]
    return "@import" in data or any(isinstance(c, str) for c in contexts) or _fetches(list(data.values()))


def _concepts(graph: Any) -> list[Any]:
    """The concepts in the order that the text gives, those without a place in it last."""
    listed = [
        concept
        for order in sorted(graph.subjects(RDF.type, SKOS.OrderedCollection))
        for members in graph.objects(order, SKOS.memberList)
        for concept in graph.items(members)
    ]
    known = set(graph.subjects(RDF.type, SKOS.Concept))
    return list(dict.fromkeys([*(each for each in listed if each in known), *sorted(known)]))


def _vocabulary(graph: Any, scheme: Any, concepts: list[Any]) -> Vocabulary:
    raws = {concept: dict(_attributes(graph, concept)) for concept in concepts}
    for raw in raws.values():
        raw.setdefault("label", "")
        label = raw["label"]
        raw.setdefault("value", word(next(iter(label.values())) if isinstance(label, dict) else label))
        raw.setdefault("id", word(raw["value"]))
    for concept, raw in raws.items():
        for name, predicate in _OTHERS.items():
            others = sorted(raws[other]["id"] for other in graph.objects(concept, predicate) if other in raws)
            raw.update({name: others[0]} if others else {})
    label = _text(graph, scheme, SKOS.prefLabel) or _text(graph, scheme, DCTERMS.title)
    vocabulary_id = _plain(graph, scheme, DCTERMS.identifier)
    return Vocabulary(
        id=vocabulary_id or word(str(scheme).rstrip("/#").rsplit("/", 1)[-1]),
        label=label or vocabulary_id,
        description=_text(graph, scheme, DCTERMS.description),
        uri=_uri(graph, scheme),
        note=_plain(graph, scheme, SKOS.editorialNote),
        terms=[Term.model_validate(raw) for raw in raws.values()],
    )


def _attributes(graph: Any, concept: Any) -> Iterator[tuple[str, Any]]:
    for name, predicate in _TEXTS.items():
        yield from ((name, text) for text in [_text(graph, concept, predicate)] if text)
    for name, predicate in _PLAIN.items():
        yield from ((name, text) for text in [_plain(graph, concept, predicate)] if text)
    alternates = [
        {_language(str(each.language)): str(each)} if each.language else str(each)
        for each in graph.objects(concept, _ALTERNATE)
        if isinstance(each, rdflib.Literal)
    ]
    if alternates:
        yield "alternate_labels", separate_labels(alternates)
    uri = _uri(graph, concept)
    if uri:
        yield "uri", uri
    if any(str(each).lower() in ("true", "1") for each in graph.objects(concept, OWL.deprecated)):
        yield "state", "retired"


def _uri(graph: Any, subject: Any) -> str:
    """Its match elsewhere; of what others made, which has no identifier of ours, its own address."""
    matches = sorted(str(each) for each in graph.objects(subject, SKOS.exactMatch))
    if matches:
        return matches[0]
    ours = (subject, DCTERMS.identifier, None) in graph
    return "" if ours or isinstance(subject, rdflib.BNode) else str(subject)


def _plain(graph: Any, subject: Any, predicate: Any) -> str:
    return next(iter(sorted(str(each) for each in graph.objects(subject, predicate))), "")


def _text(graph: Any, subject: Any, predicate: Any) -> Text:
    found = sorted(graph.objects(subject, predicate), key=lambda each: (str(each.language or ""), str(each)))
    plain = [str(each) for each in found if not each.language]
    if plain or not found:
        return plain[0] if plain else ""
    texts: dict[str, str] = {}
    for each in found:
        texts.setdefault(_language(str(each.language)), str(each))
    return texts


def _language(tag: str) -> str:
    """A language's code as CKAN writes it: ``pt_BR``."""
    return re.sub(r"-([A-Za-z]{2})\Z", lambda found: f"_{found[1].upper()}", tag)
