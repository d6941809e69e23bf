"""Actions of what publishers suggest for the shared schema."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import validate

from ckanext.civicswitchboard.logic.schema import suggestions as schema
from ckanext.civicswitchboard.model.schema_versions import Suggestion
from ckanext.civicswitchboard.publishing import notifications
from ckanext.civicswitchboard.schema_registry import people, suggestions

Context = Any
Record = dict[str, Any]


@validate(schema.suggestion_create)
def suggestion_create(context: Context, data_dict: Record) -> Record:
    """Suggest a change of the shared schema to its curators.

    :param field: the field, by id or name; an empty text for the schema as a whole
    :param entity: whose field, ``dataset``, ``resource`` or ``organization``, where several
        have one of this name; the first of them when left out
    :param text: what is wanted and why, at most 2,000 characters
    :returns: the suggestion, as of suggestion_list
    :raises ValidationError: when there is no such field, or too much was suggested of late
    """
    tk.check_access("civicswitchboard_suggestion_create", context, data_dict)
    entity, field = _place(data_dict["entity"], data_dict["field"])
    try:
        created = suggestions.create(entity, field, data_dict["text"], _user_id(context))
    except suggestions.Repeated:
        raise _refused("text", tk._("You've already suggested this. The curators haven't answered yet"))
    except suggestions.TooMany:
        raise _refused("text", tk._("You've made many suggestions recently. Wait until some are answered"))
    notifications.notify_curators(created)
    return _done(context, created)


@tk.side_effect_free
@validate(schema.suggestion_list)
def suggestion_list(context: Context, data_dict: Record) -> list[Record]:
    """Suggestions, the newest first: all of them for curators, for others their own.

    :param state: only ``open``, ``taken`` or ``declined`` ones
    :param entity: only those at fields of this entity
    :param field: only those at this field, by id
    :param id: only this one
    :param limit: how many at most (20 when left out, never more than 100)
    :param offset: how many to pass over
    :returns: ``[{id, entity, field, text, state, reply, author, created, answered_by, answered}]``
    """
    tk.check_access("civicswitchboard_suggestion_list", context, data_dict)
    author = None if _reads_all(context) else _user_id(context)
    filters = {key: data_dict[key] for key in ("state", "entity", "field") if data_dict.get(key)}
    suggestions_listed = suggestions.listed(
        author=author,
        suggestion_id=data_dict.get("id") or "",
        limit=data_dict["limit"],
        offset=data_dict["offset"],
        **filters,
    )
    return [_shown(suggestion) for suggestion in suggestions_listed]


@validate(schema.suggestion_update)
def suggestion_update(context: Context, data_dict: Record) -> Record:
    """Answer a suggestion; whoever made it is told.

    :param id: which one
    :param state: ``taken`` into the draft, ``declined``, or ``open`` to take an answer back
    :param reply: a word to whoever suggested; needed for declining
    :returns: the suggestion, as of suggestion_list
    :raises NotFound: when there is no such suggestion
    :raises ValidationError: when it was answered meanwhile, or the word is missing
    """
    tk.check_access("civicswitchboard_suggestion_update", context, data_dict)
    suggestion = suggestions.locked(data_dict["id"])
    if suggestion is None:
        raise tk.ObjectNotFound(tk._("Suggestion not found"))
    state, reply = data_dict["state"], data_dict["reply"]
    if state == "declined" and not reply:
        raise _refused("reply", tk._("Give a reason. The person who made the suggestion will see it"))
    if (suggestion.state == "open") == (state == "open"):
        raise _refused("state", _why_not(suggestion))
    suggestions.answer(suggestion, state, reply, _user_id(context))
    if state != "open":
        notifications.notify_suggester(suggestion)
    return _done(context, suggestion)


def _place(entity: str, field: str) -> tuple[str, str]:
    """Where a suggestion belongs, by lasting ids."""
    if not field:
        return "", ""
    place = suggestions.find(field, entity)
    if place is None:
        raise _refused("field", tk._("The shared schema has no field “%s”") % field[:100])
    return place[0], place[1].id


def _why_not(suggestion: Suggestion) -> str:
    if suggestion.state == "open":
        return tk._("It hasn't been answered yet")
    by = people.name(suggestion.answered_by) or tk._("someone")
    return tk._("%s answered it in the meantime") % by


def _refused(place: str, message: str) -> tk.ValidationError:
    model.Session.rollback()
    return tk.ValidationError({place: [message]})


def _reads_all(context: Context) -> bool:
    if context.get("ignore_auth"):
        return True
    try:
        tk.check_access("civicswitchboard_suggestion_update", _own(context), {})
    except tk.NotAuthorized:
        return False
    return True


def _own(context: Context) -> Context:
    """Who asks, without what actions leave in a context."""
    return {key: context[key] for key in ("user", "auth_user_obj") if key in context}


def _done(context: Context, suggestion: Suggestion) -> Record:
    if not context.get("defer_commit"):
        model.repo.commit()
    return _shown(suggestion)


def _shown(suggestion: Suggestion) -> Record:
    return {
        "id": suggestion.id,
        "entity": suggestion.entity,
        "field": suggestion.field,
        "text": suggestion.text,
        "state": suggestion.state,
        "reply": suggestion.reply,
        "author": people.name(suggestion.author),
        "created": suggestion.created.isoformat(),
        "answered_by": people.name(suggestion.answered_by),
        "answered": suggestion.answered.isoformat() if suggestion.answered else None,
    }


def _user_id(context: Context) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


ACTIONS = {
    f"civicswitchboard_{function.__name__}": function
    for function in (suggestion_create, suggestion_list, suggestion_update)
}
