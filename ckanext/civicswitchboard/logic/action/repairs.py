"""Actions of repairs: tried, started, watched, stopped and undone.

A run changes the records of every organization, whoever may edit them: it has the portal's
own authority and is recorded as its starter's act.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.logic import validate

from ckanext.civicswitchboard.core.repairs import Repair, RepairError, read, refused
from ckanext.civicswitchboard.core.repairs.states import WISHES, WORDS, State, Wish
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.logic.schema import repairs as schema
from ckanext.civicswitchboard.model.repairs import Run
from ckanext.civicswitchboard.publishing.repairs import WITH_A_VERSION
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.repairs import activity, index_updates, preview, runner
from ckanext.civicswitchboard.schema_registry import drafts, locks, versions

Context = Any
Record = dict[str, Any]


@validate(schema.repair_preview)
@tk.side_effect_free
def repair_preview(context: Context, data_dict: Record) -> Record:
    """What a repair would do; nothing is changed.

    :param kind: the kind's name
    :param params: its parameters by name
    :param most_left: how many of those that would be left are listed at most (100 when left out)
    :returns: ``{total, counted: {datasets, resources, drafts, deleted, as_reviewed}, collisions,
        unconvertible, examples: [{dataset, title, entity, before, after}],
        left: [{dataset, title, entity, reason, values}], goes_with_draft}``; ``counted`` tells in how
        many datasets the ``total`` records are, how many of them are files and links, in drafts or
        deleted, and how many the review of a draft counts for them: active datasets, each once with its
        files, and organizations; examples are of records that the caller may see; ``dataset`` is the
        name of the dataset or organization, ``title`` what it is called; a file also has ``resource``,
        its id, ``file``, its name or else its address, and ``deleted``, whether it or its dataset is;
        what goes with the draft is done when that is published, not started by itself
    :raises ValidationError: naming every parameter at fault
    """
    tk.check_access("civicswitchboard_repair_preview", context, data_dict)
    with _refusals(context):
        repair, drafted = _current_or_drafted(data_dict)
        outcome = preview.preview(repair, Reader.of(context), data_dict["most_left"])
        return {**outcome.dictize(), "goes_with_draft": drafted}


@validate(schema.repair_start)
def repair_start(context: Context, data_dict: Record) -> Record:
    """Have a worker repair records.

    :param kind: the kind's name
    :param params: its parameters by name
    :param confirm: has to be true for a repair that takes values away (``delete_values``)
    :returns: the run, as of repair_show
    :raises ValidationError: naming every parameter at fault; or when another run is at the
        same values
    """
    tk.check_access("civicswitchboard_repair_start", context, data_dict)
    with _refusals(context):
        repair, drafted = _current_or_drafted(data_dict)
        if drafted:
            message = tk._(
                "This isn't published yet. Publish the draft, and the records are repaired with it"
            )
            raise tk.ValidationError({"to": [message]})
        if repair.asks_twice and not data_dict["confirm"]:
            raise tk.ValidationError({"confirm": [tk._("Confirm that the values should be deleted")]})
        begun = runner.begin(repair, _user_id(context))
    run_id = begun.id
    model.repo.commit()
    runner.enqueue(run_id)
    return _shown(run_id, Reader.of(context))


@validate(schema.repair_list)
@tk.side_effect_free
def repair_list(context: Context, data_dict: Record) -> list[Record]:
    """Repairs that were started, the newest first.

    :param limit: how many at most (20 when left out, never more than 100)
    :param offset: how many to pass over
    :returns: runs, as of repair_show
    """
    tk.check_access("civicswitchboard_repair_list", context, data_dict)
    newest = sa.select(Run).order_by(Run.created.desc(), Run.id)
    runs = model.Session.scalars(newest.limit(data_dict["limit"]).offset(data_dict["offset"]))
    reader = Reader.of(context)
    return [activity.dictize(run, reader) for run in runs]


@validate(schema.repair_show)
@tk.side_effect_free
def repair_show(context: Context, data_dict: Record) -> Record:
    """A repair that was started.

    :param id: the run's id
    :param most_left: how many of those that were left are listed at most (100 when left out)
    :returns: ``{id, kind, params, text, state, done, total, skipped, undone, kept, rate, to_index,
        trouble, author, undone_by, version, with_version, created, finished, possible,
        not_indexed, counted, examples, left}``: ``total`` records are concerned, ``done`` were dealt with,
        ``skipped`` of these left as they are; where somebody else started it, ``params`` and
        ``text`` do not tell what was typed into it, unless it is terms of the schema;
        ``with_version`` tells that it was done within the publish of that version, and is taken
        back by restoring the one before; ``possible`` is what can be asked of it in its state;
        ``not_indexed`` are datasets that search has as they were, since they could not be indexed;
        ``counted`` is as of repair_preview, once all is done, as the records are now, else empty;
        ``examples`` and ``left`` as of repair_preview
    :raises NotFound: when there is no such run
    """
    tk.check_access("civicswitchboard_repair_show", context, data_dict)
    reader = Reader.of(context)
    shown, seen = _shown(data_dict["id"], reader), reader.condition_on_files
    return {
        **shown,
        "not_indexed": index_updates.lacking(shown["id"], reader.condition),
        "counted": repair_journal.counted(shown["id"]).dictize() if _is_over(shown) else {},
        "examples": repair_journal.examples(shown["id"], seen),
        "left": repair_journal.left_out(shown["id"], seen, data_dict["most_left"]),
    }


def _is_over(shown: Record) -> bool:
    """Whether all records are done and found by search: before, pages ask every second."""
    return shown["state"] == "done" and not shown["to_index"]


def _wished(wish: Wish, means: str) -> Any:
    name = f"civicswitchboard_repair_{wish}"

    @validate(schema.repair_wish)
    def action(context: Context, data_dict: Record) -> Record:
        tk.check_access(name, context, data_dict)
        with _refusals(context):
            try:
                led = runner.wish(data_dict["id"], WISHES[wish], _user_id(context))
            except LookupError:
                raise _not_found(data_dict["id"]) from None
        at_work = led.state in ("queued", "running", "undoing")
        model.repo.commit()
        if at_work:
            runner.enqueue(data_dict["id"])
        return _shown(data_dict["id"], Reader.of(context))

    action.__name__ = f"repair_{wish}"
    action.__doc__ = f"""{means}

    :param id: the run's id
    :returns: the run, as of repair_show
    :raises NotFound: when there is no such run
    :raises ValidationError: when that can't be done in the state it is in
    """
    return action


repair_pause = _wished("pause", "Have a run stop after its present step; it can go on later.")
repair_resume = _wished("resume", "Have a run go on that was paused, that failed, or whose worker died.")
repair_cancel = _wished("cancel", "End a run where it is; what it did can be undone.")
repair_undo = _wished("undo", "Give back what a run changed, but for what was changed since.")


def _current_or_drafted(data_dict: Record) -> tuple[Repair, bool]:
    """The repair, and whether it goes with the draft, which alone has what it needs.

    :raises RepairError: when it can't be done; or when the draft has to be published before
    """
    kind, params = data_dict["kind"], data_dict["params"]
    try:
        repair = read(kind, params, versions.newest())
    except RepairError as error:
        drafted = _drafted(kind, params)
        if drafted is None:
            # What the current version says of it is the better help.
            raise
        if kind in WITH_A_VERSION:
            return drafted, True
        message = N_("Only the draft has this. Publish the draft, then repair the records")
        named = next((name for name in error.faults if name in params), next(iter(error.faults)))
        raise refused(named, message) from error
    preview.check_new_values(repair)
    return repair, False


def _drafted(kind: str, params: Record) -> Repair | None:
    """The repair as the draft has its fields, None where it has them not."""
    draft = drafts.current()
    if draft is None:
        return None
    try:
        return read(kind, params, versions.compiled(draft.document, versions.newest().version + 1))
    except RepairError:
        return None


@contextmanager
def _refusals(context: Context) -> Iterator[None]:
    """Tells in CKAN's form why nothing was done."""
    try:
        yield
    except RepairError as error:
        model.Session.rollback()
        raise tk.ValidationError(error.say(tk._)) from error
    except runner.Overlap as overlap:
        model.Session.rollback()
        message = tk._("Another repair is changing the same values: %s. Wait for it to finish, or cancel it")
        raise tk.ValidationError({"kind": [message % _text_of(overlap.run, Reader.of(context))]}) from overlap
    except runner.Inseparable as inseparable:
        model.Session.rollback()
        message = tk._("It was done with version {number}. Restore version {before} to undo both")
        said = message.format(number=inseparable.version, before=inseparable.version - 1)
        raise tk.ValidationError({"id": [said]}) from inseparable
    except runner.Impossible as impossible:
        model.Session.rollback()
        state: State = impossible.state  # type: ignore[assignment]
        message = tk._("That can't be done now; this repair is: %s")
        raise tk.ValidationError({"id": [message % tk._(WORDS[state])]}) from impossible
    except locks.Busy as busy:
        message = tk._("Other people keep saving records. Try again")
        raise tk.ValidationError({"id": [message]}) from busy


def _text_of(run_id: str, reader: Reader) -> str:
    run = runner.get(run_id)
    return activity.words(run, reader) if run else run_id


def _shown(run_id: str, reader: Reader) -> Record:
    run = runner.get(run_id)
    if run is None:
        raise _not_found(run_id)
    return activity.dictize(run, reader)


def _not_found(run_id: str) -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There's no repair %s") % run_id)


def _user_id(context: Context) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


ACTIONS = {
    f"civicswitchboard_{function.__name__}": function
    for function in (
        repair_preview,
        repair_start,
        repair_list,
        repair_show,
        repair_pause,
        repair_resume,
        repair_cancel,
        repair_undo,
    )
}
