"""Actions of the draft, and what makes it the next version."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import validate

from ckanext.civicswitchboard.core.changes.merge import merge
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, dump, parse
from ckanext.civicswitchboard.core.schema.rules import dangers_of
from ckanext.civicswitchboard.logic.schema import metadata_schema as schema
from ckanext.civicswitchboard.publishing import publish
from ckanext.civicswitchboard.schema_registry import drafts, locks, people, versions
from ckanext.civicswitchboard.schema_registry.drafts import State

Context = Any
Record = dict[str, Any]


@tk.side_effect_free
def schema_draft_show(context: Context, data_dict: Record) -> Record:
    """The draft of the next version.

    :returns: ``{base_version, revision, document, author, saved, can_undo}``
    :raises NotFound: when there is none
    """
    tk.check_access("civicswitchboard_schema_draft_show", context, data_dict)
    return _shown(existing())


@validate(schema.schema_draft_create)
def schema_draft_create(context: Context, data_dict: Record) -> Record:
    """Begin a draft of the next version.

    :param base_version: the version to start from; the current one when left out
    :returns: the draft
    :raises ValidationError: when there is a draft already
    :raises NotFound: when there is no such version
    """
    tk.check_access("civicswitchboard_schema_draft_create", context, data_dict)
    with _refusals():
        locks.drafting()
        wanted = data_dict.get("base_version", versions.newest().version)
        snapshot = versions.of_version(wanted)
        if snapshot is None:
            raise _no_version(wanted)
        state = drafts.start(snapshot.document, snapshot.version, _user_id(context))
        model.repo.commit()
    return _shown(state)


@validate(schema.schema_draft_update)
def schema_draft_update(context: Context, data_dict: Record) -> Record:
    """Save an edit of the draft.

    :param revision: the revision that the edit started from
    :param document: the whole document with the edit; it may still break rules, but has to keep
        the limits, and its patterns and field types have to be ones that can be used
    :returns: the draft with its new revision
    :raises ValidationError: when the draft went on since, or the document has not the form;
        nothing is changed then
    :raises NotFound: when there is no draft
    """
    tk.check_access("civicswitchboard_schema_draft_update", context, data_dict)
    existing()
    try:
        document = parse(data_dict["document"])
    except DocumentError as error:
        raise _invalid(error.faults)
    dangers = dangers_of(document)
    if dangers:
        raise _invalid(dangers)
    with _refusals():
        _lock_draft()
        state = drafts.save(data_dict["revision"], document, _user_id(context))
        model.repo.commit()
    return _shown(state)


@validate(schema.schema_draft_undo)
def schema_draft_undo(context: Context, data_dict: Record) -> Record:
    """Take the draft's newest edit back; again takes the one before back.

    :param revision: the newest revision, as its reader knows it
    :returns: the draft with its new revision
    :raises ValidationError: when the draft went on since, or there is nothing to undo
    :raises NotFound: when there is no draft
    """
    tk.check_access("civicswitchboard_schema_draft_undo", context, data_dict)
    with _refusals():
        _lock_draft()
        try:
            state = drafts.undo(data_dict["revision"], _user_id(context))
        except LookupError as error:
            raise tk.ValidationError({"revision": [tk._("There's nothing to undo")]}) from error
        model.repo.commit()
    return _shown(state)


@validate(schema.schema_draft_undo)
def schema_draft_rebase(context: Context, data_dict: Record) -> Record:
    """Bring a draft up to date with a version that was published since it was begun.

    Where both changed the same thing the draft's own answer stays.

    :param revision: the newest revision, as its reader knows it
    :returns: the draft, with ``conflicts``: what both changed
    :raises ValidationError: when the draft went on since
    :raises NotFound: when there is no draft
    """
    tk.check_access("civicswitchboard_schema_draft_rebase", context, data_dict)
    with _refusals():
        state, current = _lock_draft(), versions.newest()
        base = versions.of_version(state.base)
        assert base is not None
        merged = merge(base.document, state.document, current.document)
        state = drafts.save(
            data_dict["revision"], merged.document, _user_id(context), current.version
        )
        model.repo.commit()
    return {**_shown(state), "conflicts": [conflict.dictize() for conflict in merged.conflicts]}


def schema_draft_delete(context: Context, data_dict: Record) -> Record:
    """Discard the draft.

    :returns: ``{}``
    :raises NotFound: when there is none
    """
    tk.check_access("civicswitchboard_schema_draft_delete", context, data_dict)
    with _refusals():
        _lock_draft()
        drafts.discard()
        model.repo.commit()
    return {}


@validate(schema.schema_publish)
def schema_publish(context: Context, data_dict: Record) -> Record:
    """Publish the draft as the next version; every process serves it from its next request on.

    :param revision: the newest revision, as whoever publishes has seen it
    :param note: what changed and why, for the history
    :param with_repairs: whether values follow fields that get another name (no when left out; then
        such a version is refused while records hold values)
    :returns: the new version, as of schema_show
    :raises ValidationError: naming every fault; nothing is changed then
    :raises NotFound: when there is no draft
    """
    tk.check_access("civicswitchboard_schema_publish", context, data_dict)
    existing()
    with _refusals():
        locks.publishing()
        state = _lock_draft()
        if state.revision != data_dict["revision"]:
            raise drafts.Outdated(state.revision)
        _up_to_date(state)
        _partner_types(context, state.document)
        number = publish.publish(
            state.document,
            data_dict["note"],
            _user_id(context),
            draft=True,
            mended=data_dict["with_repairs"],
        )
    return _version(context, number)


@validate(schema.schema_rollback)
def schema_rollback(context: Context, data_dict: Record) -> Record:
    """Publish an earlier version's document as a new version. No value of a record is lost: those
    of fields that get an earlier name back follow them.

    :param version: the earlier version
    :param note: why
    :returns: the new version, as of schema_show
    :raises ValidationError: when records have to be fixed first; nothing is changed then
    :raises NotFound: when there is no such version
    """
    tk.check_access("civicswitchboard_schema_rollback", context, data_dict)
    snapshot = versions.of_version(data_dict["version"])
    if snapshot is None:
        raise _no_version(data_dict["version"])
    with _refusals():
        locks.publishing()
        _partner_types(context, snapshot.document)
        number = publish.publish(
            snapshot.document, data_dict["note"], _user_id(context), restoring=True, mended=True
        )
    return _version(context, number)


@contextmanager
def _refusals() -> Iterator[None]:
    """Report in CKAN's form why nothing was saved or published, and end the transaction with its locks."""
    try:
        with locks.impatient():
            yield
    except publish.Refused as refused:
        raise _invalid(refused.faults) from refused
    except drafts.Existing as existing:
        message = tk._("There's already a draft. Continue with it or discard it first")
        raise tk.ValidationError({"base_version": [message]}) from existing
    except drafts.Outdated as outdated:
        raise _outdated(outdated) from outdated
    except locks.Busy as busy:
        message = tk._("Other people are saving right now, so nothing was published or saved. Try again")
        raise tk.ValidationError({"document": [message]}) from busy
    finally:
        # After a commit there is nothing to roll back.
        model.Session.rollback()


def _up_to_date(state: State) -> None:
    current = versions.newest().version
    if state.base != current:
        message = tk._("Version %s was published in the meantime. Update the draft first")
        raise tk.ValidationError({"revision": [message % current]})


def _partner_types(context: Context, document: Document) -> None:
    succession = publish.Succession.of(versions.newest(), document)
    user = model.User.get(context.get("user") or "")
    trusted = context.get("ignore_auth") or (user is not None and user.sysadmin)
    if succession.changes_partner_types and not trusted:
        raise tk.NotAuthorized(
            tk._("Changes of partner types are published by an administrator of the portal")
        )


def existing() -> State:
    """The draft.

    :raises NotFound: when there is none
    """
    state = drafts.current()
    if state is None:
        raise tk.ObjectNotFound(tk._("There's no draft. Start one first"))
    return state


def _lock_draft() -> State:
    """The draft, which nobody else can change until the transaction ends."""
    locks.drafting()
    return existing()


def _user_id(context: Context) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


def _shown(state: State) -> Record:
    return {
        "base_version": state.base,
        "revision": state.revision,
        "document": dump(state.document),
        "author": people.name(state.author),
        "saved": state.saved.isoformat(),
        "can_undo": state.undoable is not None,
    }


def _version(context: Context, number: int) -> Record:
    shown: Record = tk.get_action("civicswitchboard_schema_show")(context, {"version": number})
    return shown


def _no_version(number: Any) -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There's no version %s of the shared schema") % number)


def _outdated(outdated: drafts.Outdated) -> tk.ValidationError:
    message = tk._("Someone else saved the draft in the meantime. It's now at revision %s")
    return tk.ValidationError({"revision": [message % outdated.revision]})


def _invalid(faults: Any) -> tk.ValidationError:
    return tk.ValidationError({"document": [str(fault) for fault in faults]})


ACTIONS = {
    f"civicswitchboard_{function.__name__}": function
    for function in (
        schema_draft_show,
        schema_draft_create,
        schema_draft_update,
        schema_draft_undo,
        schema_draft_rebase,
        schema_draft_delete,
        schema_publish,
        schema_rollback,
    )
}
