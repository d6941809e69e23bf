"""Actions of the shared schema, and core's own that serve records by it."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import validate
from flask import has_request_context

from ckanext.civicswitchboard.core.changes import Change, diff, level_of
from ckanext.civicswitchboard.core.schema.choices import TermChoices
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import (
    Document,
    DocumentError,
    Term,
    dump,
    parse,
    without_remarks,
)
from ckanext.civicswitchboard.core.schema.input_checks import whole_number
from ckanext.civicswitchboard.core.schema.messages import shortened
from ckanext.civicswitchboard.core.schema.publish_rules import names_refused
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.impact import Scope, Stopped
from ckanext.civicswitchboard.impact.report import Report, scope_of
from ckanext.civicswitchboard.logic import search_results
from ckanext.civicswitchboard.logic.action.drafts import existing
from ckanext.civicswitchboard.logic.schema import metadata_schema as schema
from ckanext.civicswitchboard.model import schema_versions
from ckanext.civicswitchboard.publishing import publish
from ckanext.civicswitchboard.publishing.repairs import mends
from ckanext.civicswitchboard.records import chained_actions
from ckanext.civicswitchboard.records.show import STAMP
from ckanext.civicswitchboard.schema_registry import drafts, people, versions
from ckanext.civicswitchboard.search_index import fingerprints, read_cache

Context = Any
Record = dict[str, Any]

# Endpoints of pages on which a dataset or a resource is edited.
FORM_PAGES = frozenset("edit new scheming_edit scheming_edit_page scheming_new_page".split())


@tk.chained_action
@tk.side_effect_free
def package_show(original: Any, context: Context, data_dict: Record) -> Record:
    """Core's package_show, never stale: a record indexed under another schema is read anew.

    A save and a form begin with what the database holds, whatever the search index has.
    """
    if _is_for_index(context):
        context[fingerprints.KEY] = fingerprints.before_reading(data_dict["id"])
        read: Record = original(context, data_dict)
        return read
    if chained_actions.is_saving() or _is_for_form():
        context["use_cache"] = False
    shown: Record = read_cache.show(context, data_dict) or original(context, data_dict)
    shown.pop(fingerprints.KEY, None)
    if _from_index(context):
        search_results.name_owners([shown])
    if shown.get("type") != "dataset":
        return shown
    stamp = shown.pop(STAMP, None)
    if stamp == versions.current().epoch or not _from_index(context):
        return shown
    fresh = {**context, "use_cache": False}
    shown = original(fresh, data_dict)
    if "package" in fresh:
        context["package"] = fresh["package"]
    shown.pop(STAMP, None)
    return shown


def _is_for_index(context: Context) -> bool:
    """Whether core reads a record to index it, see package_show_default_and_custom_schemas."""
    return not context.get("validate", True) and not context.get("use_cache", True)


def _is_for_form() -> bool:
    """Whether a page with a record's form is asked for."""
    return has_request_context() and (tk.request.endpoint or "").rpartition(".")[2] in FORM_PAGES


def _from_index(context: Context) -> bool:
    """Whether core's package_show may have answered from the search index."""
    by_default_schema = "schema" in context or not context.get("validate", True)
    return bool(context.get("use_cache", True)) and not by_default_schema


@tk.side_effect_free
def schema_show(context: Context, data_dict: Record) -> Record:
    """One version of the shared schema.

    :param version: its number; the current one when left out
    :param include_document: whether the document is wanted too (true when left out)
    :returns: ``{version, published, author, note, level, document}``; remarks between curators are
        in the document for curators only
    :raises NotFound: when there is no such version
    """
    tk.check_access("civicswitchboard_schema_show", context, data_dict)
    wanted = data_dict.get("version")
    snapshot = versions.current() if _is_current(wanted) else _snapshot(wanted)
    row = model.Session.execute(schema_versions.details(snapshot.version)).one_or_none()
    shown = _describe(row) if row else _describe_shipped(snapshot)
    shown.pop("change_count")
    if not _wants_document(data_dict):
        return shown
    document = dump(snapshot.document)
    return {**shown, "document": document if _reads_remarks(context) else without_remarks(document)}


def _wants_document(data_dict: Record) -> bool:
    try:
        return bool(tk.asbool(data_dict.get("include_document", True)))
    except ValueError:
        raise tk.ValidationError({"include_document": [tk._("Send true or false")]})


def _reads_remarks(context: Context) -> bool:
    """Whether the caller reads what curators note for one another."""
    asking = {key: context[key] for key in ("user", "auth_user_obj", "ignore_auth") if key in context}
    try:
        tk.check_access("civicswitchboard_schema_draft_show", asking, {})
    except tk.NotAuthorized:
        return False
    return True


@validate(schema.schema_version_list)
@tk.side_effect_free
def schema_version_list(context: Context, data_dict: Record) -> list[Record]:
    """The published versions, the newest first.

    :param limit: how many at most (20 when left out, never more than 100)
    :param offset: how many to pass over
    :returns: ``[{version, published, author, note, level, change_count}]``
    """
    tk.check_access("civicswitchboard_schema_version_list", context, data_dict)
    limit, offset = data_dict["limit"], data_dict["offset"]
    rows = model.Session.execute(schema_versions.newest_first(limit, offset)).all()
    if rows or offset or versions.current() is not versions.shipped():
        return [_describe(row) for row in rows]
    return [_describe_shipped(versions.shipped())][:limit]


@validate(schema.term_search)
@tk.side_effect_free
def term_search(context: Context, data_dict: Record) -> Record:
    """Terms of a vocabulary that fit a text, the best first; only those on offer unless asked.

    :param vocabulary: its id
    :param q: words that a term's label, another label or its value has, in any language and with or without
        accents; all terms in the order of the list when left out
    :param limit: how many at most (20 when left out, never more than 100)
    :param offset: how many to pass over
    :param version: a number, or ``draft``; the current version when left out
    :param include_retired: whether to also find terms that are no longer offered, whose labels say so
    :returns: ``{count, results: [{value, label, definition, uri}]}`` with texts in the reader's language
    :raises NotFound: when there is no such version, no draft, or no such vocabulary
    """
    tk.check_access("civicswitchboard_term_search", context, data_dict)
    choices = _choices(data_dict.get("version"), data_dict["vocabulary"])
    if choices is None:
        raise tk.ObjectNotFound(tk._("There's no vocabulary “%s”") % shortened(data_dict["vocabulary"]))
    fitting = choices.find(data_dict.get("q") or "", data_dict["include_retired"])
    offset = data_dict["offset"]
    shown = fitting[offset : offset + data_dict["limit"]]
    return {"count": len(fitting), "results": [_term_in_words(term) for term in shown]}


def _choices(version: Any, vocabulary: str) -> TermChoices | None:
    """What fields take from a vocabulary of a version or of the draft."""
    if version == "draft":
        return drafts.choices(existing(), vocabulary)
    return (versions.current() if _is_current(version) else _snapshot(version)).choices.get(vocabulary)


def _is_current(version: Any) -> bool:
    """Whether a caller names no version, and so asks for the current one; 0 is a number that none has."""
    return version is None or version == ""


def _term_in_words(term: Term) -> Record:
    in_words = tk.h.scheming_language_text
    label = in_words(term.label)
    if term.state == "retired":
        label = tk._("%s (no longer offered)") % label
    return {"value": term.value, "label": label, "definition": in_words(term.definition), "uri": term.uri}


@validate(schema.schema_diff)
@tk.side_effect_free
def schema_diff(context: Context, data_dict: Record) -> Record:
    """What changes from one version to another.

    :param from_version: a number, or ``draft``
    :param to_version: a number, or ``draft``
    :returns: ``{level, changes: [{kind, entity, field, level, text, before, after, mended}]}``;
        ``mended`` tells that the records concerned can be repaired together with the publish;
        changes of remarks between curators are told to curators only
    :raises NotFound: when there is no such version, or no draft
    """
    tk.check_access("civicswitchboard_schema_diff", context, data_dict)
    before, after = (_document(data_dict[key]) for key in ("from_version", "to_version"))
    changes = diff(before, after)
    if not _reads_remarks(context):
        changes = [change for change in changes if not change.is_remark]
    described = [{**_in_words(change), "mended": mends(change)} for change in changes]
    return {"level": level_of(changes), "changes": described}


@validate(schema.schema_impact)
@tk.side_effect_free
def schema_impact(context: Context, data_dict: Record) -> Record:
    """What a document would do to the records if it were published next.

    Those who may publish get counts over all records, others over those that they may see; names
    and values are given only of records that the caller may see.

    :param version: a version's number, or ``draft``
    :param document: a document, instead of a version
    :param include_drafts: whether to count datasets that are not published yet
    :param include_deleted: whether to count deleted datasets
    :returns: ``{datasets, resources, counted, affected, seconds, changes: [{kind, entity, field, level, text,
        affected, datasets, resources, organizations: [{name, affected}], examples: [names],
        values: [{value, count}], other_keys: [{key, count}], repairs: [{kind, params}]}],
        unreadable: [{entity, field, affected, …}]}``; ``counted`` is ``all`` or ``readable``;
        ``affected`` is how many datasets and organizations are concerned, above the widest change's
        number
    :raises NotFound: when there is no such version, or no draft
    :raises ValidationError: when counting takes longer than the configuration allows
    """
    tk.check_access("civicswitchboard_schema_impact", context, data_dict)
    try:
        return Report.of(_wanted(data_dict), _scope(context, data_dict)).answer()
    except Stopped:
        raise tk.ValidationError({"version": [tk._("Counting the records took too long and was stopped")]})


def _scope(context: Context, data_dict: Record) -> Scope:
    """Which records the caller asks about, and which of them the caller may see."""
    wanted = {"draft": "include_drafts", "deleted": "include_deleted"}
    more = [state for state, option in wanted.items() if data_dict.get(option)]
    return scope_of(context, ("active", *more))


def _in_words(change: Change) -> Record:
    return change.as_dict(tk._, tk.h.scheming_language_text)


def _wanted(data_dict: Record) -> Document:
    if data_dict.get("version"):
        return _document(data_dict["version"])
    try:
        return parse(data_dict["document"])
    except DocumentError as error:
        raise tk.ValidationError({"document": [str(fault) for fault in error.faults]})


def _snapshot(wanted: Any) -> Snapshot:
    snapshot = versions.of_version(whole_number(wanted) or 0)
    if snapshot is None:
        raise tk.ObjectNotFound(tk._("There's no version %s of the shared schema") % wanted)
    return snapshot


def _document(named: Any) -> Document:
    """The document of a version or of the draft."""
    if named == "draft":
        return existing().document
    return _snapshot(named).document


def _describe(row: Any) -> Record:
    """A version without its document."""
    return {
        "version": row.number,
        "published": row.published.isoformat(),
        "author": people.name(row.author),
        "note": row.note,
        "level": row.level,
        "change_count": row.change_count,
    }


def _describe_shipped(snapshot: Snapshot) -> Record:
    """What stands for version 1 until `init` has entered it."""
    return {
        "version": snapshot.version,
        "published": None,
        "author": None,
        "note": publish.SHIPPED_NOTE,
        "level": "compatible",
        "change_count": 0,
    }


@tk.side_effect_free
def schema_validate(context: Context, data_dict: Record) -> Record:
    """Whether a document can be a version of the shared schema.

    :param document: the document
    :returns: ``{valid, errors: [{path, message}]}``
    """
    tk.check_access("civicswitchboard_schema_validate", context, data_dict)
    try:
        faults = names_refused(versions.current().document, read(tk.get_or_bust(data_dict, "document")))
    except DocumentError as error:
        faults = error.faults
    return {"valid": not faults, "errors": [fault.model_dump() for fault in faults]}


ACTIONS = {
    "package_show": package_show,
    **chained_actions.actions(),
    "civicswitchboard_schema_show": schema_show,
    "civicswitchboard_schema_version_list": schema_version_list,
    "civicswitchboard_term_search": term_search,
    "civicswitchboard_schema_diff": schema_diff,
    "civicswitchboard_schema_impact": schema_impact,
    "civicswitchboard_schema_validate": schema_validate,
}
