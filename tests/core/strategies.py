"""Random documents, small and valid, whose things share ids often."""
from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ckanext.civicswitchboard.core.schema.document import Document, parse

NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"]
TEXTS = st.sampled_from(["One", "Two words", "Drei Wörter — hier", "no", "2016", " a\u2028b\x85\r\n# ", "✝️ [x]"])
TEXT = TEXTS | st.fixed_dictionaries({"en": TEXTS, "es": TEXTS})
OTHER = st.sampled_from(["", *NAMES[:3]])
PRESETS = st.sampled_from(["", "textarea", "email", "multiple_text", "partial_date"])

Raw = dict[str, Any]


def some(names: list[str], member: Any, least: int = 0) -> Any:
    """A list with a member for some names, in any order."""
    chosen = st.lists(st.sampled_from(names), unique=True, min_size=least)
    return chosen.flatmap(lambda ids: st.tuples(*(member(each) for each in ids)).map(list))


def optional(**attributes: Any) -> Any:
    return st.fixed_dictionaries({}, optional=attributes)


def term(term_id: str) -> Any:
    more = optional(
        definition=TEXT, scope_note=TEXT, uri=st.just("http://example.org/t"), note=TEXTS,
        state=st.sampled_from(["active", "retired"]), source=TEXTS,
        broader=OTHER, replaced_by=OTHER, merged_into=OTHER,
        alternate_labels=st.sampled_from([["One"], ["One", {"es": "Uno"}], [{"en": "A"}, {"en": "B"}]]),
    )
    return st.tuples(TEXT, st.sampled_from(["", "_x"]), more).map(
        lambda t: {"id": term_id, "value": term_id + t[1], "label": t[0], **t[2]}
    )


def vocabulary(vocabulary_id: str) -> Any:
    return st.tuples(TEXT, some(NAMES, term), optional(description=TEXT, note=TEXTS)).map(
        lambda t: {"id": vocabulary_id, "label": t[0], "terms": t[1], **t[2]}
    )


def section(section_id: str) -> Any:
    return st.tuples(TEXT, optional(description=TEXT, page=st.booleans())).map(
        lambda t: {"id": section_id, "label": t[0], **t[1]}
    )


def field(field_id: str, parts: bool = True) -> Any:
    more = optional(
        help_text=TEXT, example=TEXT, definition=TEXT, uri=st.just("http://example.org/f"), note=TEXTS,
        expectation=st.sampled_from(["required", "recommended", "optional"]), facet=st.booleans(),
        searchable=st.booleans(), enforce=st.sampled_from(["new", "all"]), preset=PRESETS,
        state=st.sampled_from(["active", "retired"]), mapping=optional(dcat=TEXTS, schema_org=TEXTS),
        missing_values=st.lists(TEXTS, max_size=2), pattern=st.sampled_from(["", "a+", "[0-9]+"]),
        minimum=st.sampled_from(["", "1", "2019-07"]), maximum=st.sampled_from(["", "5", "2020"]),
        max_length=st.integers(0, 3),
        vocabulary=st.sampled_from(["", *NAMES[:2]]), section=st.sampled_from(NAMES[:2]),
        form_placeholder=TEXT, form_blanks=st.integers(1, 3), sorted_choices=st.booleans(),
    )
    inner = some(NAMES[:3], lambda each: field(each, parts=False)) if parts else st.just([])
    renamed = st.sampled_from(["", "_now"])

    def made(t: Any) -> Raw:
        label, attributes, subfields, suffix = t
        made: Raw = {"id": field_id, "field_name": field_id + suffix, "label": label, **attributes}
        if suffix:
            made["previous_names"] = [field_id]
        if subfields:
            made["repeating_subfields"] = subfields
        return made

    return st.tuples(TEXT, more, inner, renamed).map(made)


def partner_type(name: str) -> Any:
    return st.tuples(
        TEXT, st.sampled_from(["library", "community"]), optional(description=TEXT, icon=st.just("fa-book")),
        some(NAMES[:3], lambda each: st.sampled_from(["required", "optional"]).map(
            lambda e: {"field": each, "expectation": e})),
    ).map(lambda t: {"name": name, "label": t[0], "sector": t[1], **t[2], "fields": t[3]})


def documents() -> Any:
    """Documents that have the form; rules that merging does not rest on may be broken, as in a draft."""
    return st.builds(
        _document,
        TEXT, some(NAMES[:3], vocabulary), some(NAMES[:3], partner_type), some(NAMES[:3], section),
        some(NAMES[:4], field), some(NAMES[:2], field), some(NAMES[:2], section), some(NAMES[:3], field),
    )


def _document(
    title: Any, vocabularies: Any, types: Any, sections: Any, fields: Any, files: Any, about: Any, org: Any
) -> Document:
    names = {each["id"]: each["field_name"] for each in org}
    for kind in types:
        kind["fields"] = [{**f, "field": names[f["field"]]} for f in kind["fields"] if f["field"] in names]
    return parse(
        {
            "format": 1, "title": title, "vocabularies": vocabularies, "partner_types": types,
            "dataset": {"sections": sections, "fields": fields, "resource_fields": files},
            "organization": {"sections": about, "fields": org},
        }
    )


def swapped(document: Document) -> Document:
    """The document with its lists turned round."""
    raw = document.model_dump()
    raw["dataset"]["fields"].reverse()
    raw["vocabularies"].reverse()
    return parse(raw)
