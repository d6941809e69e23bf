"""Controlled vocabularies as SKOS, out and in: Turtle and JSON-LD, in from RDF/XML too.

Each term is a concept with an address of its own under the portal's; its ``uri`` is an exact
match, since two terms may match one concept elsewhere. Nothing is ever fetched to read one.
"""
from __future__ import annotations

import re
from collections import Counter
from typing import Any, Literal
from urllib.parse import quote, unquote

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import DC, DCTERMS, OWL, RDF, RDFS, SDO, SKOS, XSD

from ckanext.civicswitchboard.core.formats.csv_terms import language, separate_labels, text_of
from ckanext.civicswitchboard.core.schema.choices import texts_of
from ckanext.civicswitchboard.core.schema.document import DocumentError, Fault, Term, Text, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.reserved_names import NAME
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES
from ckanext.civicswitchboard.core.schema.slugs import word
from ckanext.civicswitchboard.core.schema.term_names import Raw, first_text, name_terms
from ckanext.civicswitchboard.core.schema.yaml_files import parse_json

Form = Literal["turtle", "json-ld", "rdf-xml"]
# Of JSON-LD, in which concepts stand inside concepts: half of them are lists. rdflib reads it by
# calling itself, and twice as many would be too many calls.
MAX_LEVELS = 100
MERGED = rdflib.URIRef("urn:civicswitchboard:mergedInto")

# How a term's attributes are said: texts in languages, plain texts, and other terms.
_NOTES = {"definition": SKOS.definition, "scope_note": SKOS.scopeNote}
_TEXTS = {"label": SKOS.prefLabel, **_NOTES}
_PLAIN = {
    "id": DCTERMS.identifier,
    "value": SKOS.notation,
    "source": DCTERMS.source,
    "note": SKOS.editorialNote,
}
_ALTERNATE = SKOS.altLabel
_OTHERS = {"broader": SKOS.broader, "replaced_by": DCTERMS.isReplacedBy, "merged_into": MERGED}

# How others say them. A node holds its text under one of the values, SKOS-XL's first.
SKOSXL = rdflib.Namespace("http://www.w3.org/2008/05/skos-xl#")
_ALTERNATES = (_ALTERNATE, SKOSXL.altLabel, SKOS.hiddenLabel, SKOSXL.hiddenLabel)
_LABELS = (SKOS.prefLabel, SKOSXL.prefLabel, RDFS.label, DCTERMS.title, DC.title, SDO.name)
_VALUES = (SKOSXL.literalForm, RDF.value, RDFS.label, DCTERMS.description, RDFS.comment)
_NO_CONCEPTS = (SKOS.ConceptScheme, SKOS.Collection, SKOS.OrderedCollection)
_NO_LANGUAGE = ("und", "zxx", "mis", "mul")
_READ = {
    RDF.type, OWL.deprecated, SKOS.exactMatch, SKOS.inScheme, SKOS.topConceptOf, SKOS.narrower,
    *_ALTERNATES, *_LABELS, *_TEXTS.values(), *_PLAIN.values(), *_OTHERS.values(),
}

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


def read_skos(
    text: str, form: Form, name: str, notes: list[Message] | None = None, scheme: str = ""
) -> Vocabulary:
    """The vocabulary of a SKOS text, ours or another's.

    Labels and definitions may be nodes of their own, as in SKOS-XL. A concept without a notation
    stores what :func:`~.term_names.name_terms` makes of its label.

    :param text: the text
    :param form: its form
    :param name: the file's name, for the messages
    :param notes: gets what was changed or left out on the way
    :param scheme: which concept scheme is wanted where there is more than one: its label, its address or
        the end of that
    :raises DocumentError: when it cannot be read, has no concept, or has those of more than one scheme and
        none is wanted;
        ``core.rules.faults_of`` tells what else is wrong once it stands in a document
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    _check_source(text, form, name)
    # JSON-LD may put its concepts into a named graph.
    graph = rdflib.Dataset(default_union=True) if form == "json-ld" else rdflib.Graph()
    try:
        graph.parse(data=text, format=_PARSERS.get(form, form), publicID=_BASE)
        return _Reading(graph, name, [] if notes is None else notes, scheme).vocabulary()
    except DocumentError:
        raise
    except RecursionError:
        raise _unreadable(name, form, "it is nested too deeply") from None
    except Exception as error:  # rdflib's parsers raise whatever their input breaks
        # Turtle's has the line in its first line and the reason in the second.
        lines = [line.removesuffix(" of <>:") for line in str(error).splitlines()[:2]]
        raise _unreadable(name, form, ": ".join(lines) or type(error).__name__) from None


_PARSERS = {"rdf-xml": "xml"}
# Addresses without a beginning are read as the file's own: they are those of nothing elsewhere.
_BASE = "http://file.invalid/"


def _unreadable(name: str, form: str, reason: str) -> DocumentError:
    return DocumentError([Fault(path=name, message=f"not readable as {form}: {reason}")])


def _check_source(text: str, form: Form, name: str) -> None:
    """Refuse what would fetch something, or take a parser too long or too deep."""
    if form == "json-ld":
        reason = _fault_in_json(parse_json(text, name))
        if reason:
            raise DocumentError([Fault(path=name, message=reason)])
    if form == "rdf-xml" and _ENTITY.search(text):
        message = "names a file or an entity inside another, which is not fetched; write it out"
        raise DocumentError([Fault(path=name, message=message)])


# An entity of a file elsewhere, or one made of others, which can stand for a huge text.
_ENTITY = re.compile(r"<!ENTITY\s+(%|[^\s>]+\s+(SYSTEM|PUBLIC|\"[^\"]*&|'[^']*&))")


def _fault_in_json(data: Any) -> str:
    """Why JSON-LD is not read: it is too deep, or names a context or an import by its address."""
    waiting: list[tuple[Any, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, (dict, list)):
            continue
        if depth > MAX_LEVELS:
            return f"has more than {MAX_LEVELS} levels of nesting; write each concept on its own"
        if isinstance(value, dict):
            context = value.get("@context")
            contexts = context if isinstance(context, list) else [context]
            if "@import" in value or any(isinstance(context, str) for context in contexts):
                return "names a context elsewhere, which is not fetched; write it into the file"
        waiting += [(member, depth + 1) for member in (value.values() if isinstance(value, dict) else value)]
    return ""


class _Reading:
    """A graph on its way to a vocabulary."""

    def __init__(self, graph: Any, name: str, notes: list[Message], wanted: str = "") -> None:
        self.graph = graph
        self.name = name
        self.notes = notes
        self.wanted = " ".join(wanted.split()).casefold()
        self.scheme: Any = None

    def vocabulary(self) -> Vocabulary:
        concepts = self._concepts()
        if not concepts:
            raise DocumentError([Fault(path=self.name, message="has no SKOS concepts")])
        self.scheme, concepts = self._scheme(concepts)
        raws = {concept: self._term(concept) for concept in concepts}
        _drop_repeats(list(raws.values()))
        name_terms(list(raws.values()), [_end(concept) for concept in raws])
        self._link(raws)
        self._report_rest(concepts)
        identifier = self._plain(self.scheme, DCTERMS.identifier)
        called = _end(self.scheme) or self.name.rpartition(".")[0]
        named = identifier if NAME.match(identifier) else word(identifier or called)
        named = named.lstrip("_0123456789") or "vocabulary"
        label, _more = self._text(self.scheme, *_LABELS)
        return Vocabulary(
            id=named,
            label=label or called or named,
            description=self._joined(self.scheme, DCTERMS.description)
            or self._joined(self.scheme, SKOS.definition),
            uri=self._uri(self.scheme),
            note=self._plain(self.scheme, SKOS.editorialNote),
            terms=[Term.model_validate(raw) for raw in raws.values()],
        )

    def _concepts(self) -> list[Any]:
        """The concepts in the order that the text gives, those without a place in it last."""
        graph = self.graph
        listed = [
            concept
            for order in sorted(graph.subjects(RDF.type, SKOS.OrderedCollection), key=self._key)
            for members in graph.objects(order, SKOS.memberList)
            for concept in graph.items(members)
        ]
        said = {
            *graph.subjects(SKOS.inScheme),
            *graph.subjects(SKOS.topConceptOf),
            *graph.objects(None, SKOS.hasTopConcept),
            *(node for link in (SKOS.broader, SKOS.narrower) for node in graph.subjects(link)),
            *(node for link in (SKOS.broader, SKOS.narrower) for node in graph.objects(None, link)),
        }
        others = {node for kind in _NO_CONCEPTS for node in graph.subjects(RDF.type, kind)}
        described = {node for node in said - others if (node, SKOS.prefLabel, None) in graph}
        known = {*graph.subjects(RDF.type, SKOS.Concept), *described}
        placed = [node for node in listed if node in known]
        return list(dict.fromkeys([*placed, *sorted(known, key=self._key)]))

    def _key(self, node: Any) -> tuple[bool, list[tuple[int, str]]]:
        """Sorts nodes the same at every reading: by address, 9 before 10, those without by what they say."""
        if not isinstance(node, rdflib.BNode):
            parts = re.split(r"([0-9]+)", str(node))
            return False, [(int(part[:18]), part) if part[:1].isdecimal() else (-1, part) for part in parts]
        said = [(p, o) for p, o in self.graph.predicate_objects(node) if not isinstance(o, rdflib.BNode)]
        return True, [(0, str(sorted((str(p), str(o)) for p, o in said)))]

    def _scheme(self, concepts: list[Any]) -> tuple[Any, list[Any]]:
        """The scheme whose terms these are, with its concepts: the one that is wanted, or that has all.

        :raises DocumentError: when there is more than one, and none of them
        """
        graph, known = self.graph, set(concepts)
        inside: dict[Any, set[Any]] = {node: set() for node in graph.subjects(RDF.type, SKOS.ConceptScheme)}
        for link in (SKOS.inScheme, SKOS.topConceptOf):
            for concept, scheme in graph.subject_objects(link):
                inside.setdefault(scheme, set()).add(concept)
        for scheme, concept in graph.subject_objects(SKOS.hasTopConcept):
            inside.setdefault(scheme, set()).add(concept)
        sizes = {scheme: len(members & known) for scheme, members in inside.items()}
        ordered = sorted(sizes, key=lambda scheme: (-sizes[scheme], self._key(scheme)))
        if self.wanted and len(ordered) > 1:
            chosen = [scheme for scheme in ordered if self.wanted in self._names(scheme)]
            if len(chosen) == 1:
                own = [concept for concept in concepts if concept in inside[chosen[0]]]
                self._note(N_("Left out: terms of other schemes ({number})."), len(concepts) - len(own))
                return chosen[0], own
        elif not ordered:
            return rdflib.URIRef(""), concepts
        elif len(ordered) == 1 or sizes[ordered[0]] >= max(len(set().union(*inside.values()) & known), 1):
            return ordered[0], concepts
        most = 20
        named = ", ".join(
            f"“{first_text(self._label(scheme))}” ({sizes[scheme]})" for scheme in ordered[:most]
        )
        more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
        message = f"has the concepts of {len(ordered)} schemes; choose one of them by its name: {named}{more}"
        raise DocumentError([Fault(path=self.name, message=message)])

    def _names(self, scheme: Any) -> set[str]:
        """What a scheme can be called by, in small letters."""
        labels = texts_of(self._text(scheme, *_LABELS)[0])
        named = (*labels, first_text(self._label(scheme)), str(scheme), _end(scheme))
        return {" ".join(name.split()).casefold() for name in named} - {""}

    def _term(self, concept: Any) -> Raw:
        label, more = self._text(concept, *_LABELS[:2])
        raw: Raw = {"label": label or self._label(concept)}
        for name, predicate in _NOTES.items():
            text = self._joined(concept, predicate)
            raw.update({name: text} if text else {})
        for name, predicate in _PLAIN.items():
            plain = self._plain(concept, predicate)
            raw.update({name: plain} if plain else {})
        said = (words for p in _ALTERNATES for words in self._said(concept, p))
        alternates = [{tag: text} if tag else text for tag, text in (*more, *said)]
        uri = self._uri(concept)
        deprecated = self.graph.objects(concept, OWL.deprecated)
        return raw | {
            key: value
            for key, value in {
                "alternate_labels": separate_labels(alternates),
                "uri": uri,
                "state": "retired" if any(str(d).lower() in ("true", "1") for d in deprecated) else "",
            }.items()
            if value
        }

    def _label(self, node: Any) -> Text:
        """What something is called: at last by its label's address, or its own."""
        label, _more = self._text(node, *_LABELS)
        if label:
            return label
        addresses = (
            _end(literal) for literal in sorted(self.graph.objects(node, SKOS.prefLabel), key=self._key)
        )
        return next((address for address in addresses if address), "") or _end(node)

    def _text(self, node: Any, *predicates: Any) -> tuple[Text, list[tuple[str, str]]]:
        """What the first predicate that says something says, and what else it says."""
        for predicate in predicates:
            said = self._said(node, predicate, addresses=False)
            if said:
                return text_of(said)
        return "", []

    def _joined(self, node: Any, predicate: Any) -> Text:
        """All that a predicate says, in each language as one text."""
        text, more = text_of(self._said(node, predicate))
        for tag, words in more:
            if isinstance(text, dict):
                tag = tag or next(iter(text))
                text = {**text, tag: f"{text[tag]}\n\n{words}"}
            else:
                text = f"{text}\n\n{words}"
        return text

    def _plain(self, node: Any, predicate: Any) -> str:
        """One text, whatever its language: a plain one rather than one of a special kind."""
        literals = sorted(
            self.graph.objects(node, predicate),
            key=lambda literal: (getattr(literal, "datatype", None) not in (None, XSD.string), str(literal)),
        )
        return next((words for literal in literals for _tag, words in self._words(literal)), "")

    def _said(self, node: Any, predicate: Any, addresses: bool = True) -> list[tuple[str, str]]:
        """Languages, "" for none, and texts, in an order that is the same at every reading."""
        nodes = self.graph.objects(node, predicate)
        return sorted({said for other in nodes for said in self._words(other, addresses)})

    def _words(self, node: Any, addresses: bool = True, deep: int = 0) -> list[tuple[str, str]]:
        """The texts of a literal, or of a node that holds them; else an address itself, where wanted."""
        if isinstance(node, rdflib.Literal):
            tag = str(node.language or "")
            return [("" if tag in _NO_LANGUAGE else language(tag), str(node))] if str(node).strip() else []
        for predicate in _VALUES if deep < 3 else ():
            others = self.graph.objects(node, predicate)
            words = [said for other in others for said in self._words(other, False, deep + 1)]
            if words:
                return words
        return [("", self._address(node))] if addresses and self._address(node) else []

    @staticmethod
    def _address(node: Any) -> str:
        """A node's address, "" for one that has none outside of the file."""
        return "" if isinstance(node, rdflib.BNode) or str(node).startswith(_BASE) else str(node)

    def _uri(self, node: Any) -> str:
        """Its address; of what the portal made itself, its match elsewhere."""
        own = self._address(node)
        matches = sorted(str(other) for other in self.graph.objects(node, SKOS.exactMatch))
        ours = (rdflib.URIRef(f"{self.scheme}#order"), RDF.type, SKOS.OrderedCollection) in self.graph
        return next(iter(matches), "") if ours or not own else own

    def _link(self, raws: dict[Any, Raw]) -> None:
        """Say of each term which one is broader, replaces it or took it in, by their ids."""
        several = 0
        for concept, raw in raws.items():
            for name, predicate in _OTHERS.items():
                links = set(self.graph.objects(concept, predicate))
                if name == "broader":
                    links |= set(self.graph.subjects(SKOS.narrower, concept))
                others = sorted({raws[linked]["id"] for linked in links if linked in raws} - {raw["id"]})
                raw.update({name: others[0]} if others else {})
                several += name == "broader" and len(others) > 1
        circles = _break_circles(list(raws.values()))
        self._note(N_("Terms with more than one broader term: {number}. The first one is kept."), several)
        self._note(N_("Terms that were their own broader terms: {number}. They have none now."), circles)

    def _report_rest(self, concepts: list[Any]) -> None:
        """Tell what of the concepts has no place in a vocabulary."""
        rest = Counter(
            predicate
            for concept in concepts
            for predicate in set(self.graph.predicates(concept))
            if predicate not in _READ
        )
        for predicate, number in sorted(rest.items()):
            self._note(N_("Left out: “{what}” of {number} terms."), number, _end(predicate) or str(predicate))
        collections = set(self.graph.subjects(SKOS.member))
        self._note(N_("Left out: collections ({number}). Their terms are read."), len(collections))

    def _note(self, text: str, number: int, what: str = "") -> None:
        if number:
            self.notes.append(Message(text, {"number": str(number), "what": what}))


def _drop_repeats(raws: list[Raw]) -> None:
    """Take values and ids off terms where another has them: they are to be told apart."""
    for attribute in ("value", "id"):
        taken: set[str] = set()
        for raw in raws:
            if raw.get(attribute) in taken:
                del raw[attribute]
            taken |= {raw[attribute]} if attribute in raw else set()


def _break_circles(raws: list[Raw]) -> int:
    """Take the broader term off one term of each circle; how many there were."""
    above = {raw["id"]: raw for raw in raws}
    done: set[str] = set()
    circles = 0
    for raw in raws:
        way: set[str] = set()
        here = raw
        while here["id"] not in done:
            done.add(here["id"])
            way.add(here["id"])
            over = above.get(here.get("broader", ""))
            if over is None:
                break
            if over["id"] in way:
                del here["broader"]
                circles += 1
                break
            here = over
    return circles


def _end(node: Any) -> str:
    """The last part of an address, in plain letters."""
    if not isinstance(node, rdflib.URIRef):
        return ""
    parts = [part for part in re.split(r"[/#]", unquote(str(node))) if part]
    end = parts[-1] if parts else ""
    # As of urn:isbn:123.
    return end.rsplit(":", 1)[-1]
