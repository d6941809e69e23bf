"""What is told of runs: in the API, on pages, and in the organizations' activity."""
from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.repairs import KINDS, Repair, RepairError, read
from ckanext.civicswitchboard.core.repairs.states import possible
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.messages import LicenseId, Message, Say, first_language, shortened
from ckanext.civicswitchboard.model.repairs import Run
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.schema_registry import people, versions

ACTIVITY = "civicswitchboard repair"


def words(run: Run, reader: Reader) -> str:
    """What a run does, in a sentence, even when its fields are there no more.

    :param reader: who reads it; a value that only some may see is told to its starter alone
    """
    return _words(run, _bound(run), reader.knows(run.author))


def _words(run: Run, repair: Repair | None, knows: bool) -> str:
    if repair is None:
        values = [value for param, value in run.params.items() if param != "entity"]
        names = [shortened(value) for value in values if isinstance(value, str)]
        title = tk._(KINDS[run.kind].title)
        return f"{title}: {', '.join(names)}" if names and knows else title
    return in_words(repair.words if knows else repair.public_words)


def in_words(message: Message) -> str:
    """What a repair does, in the reader's language."""
    return message.say(tk._, _naming_licenses(tk.h.scheming_language_text))


def _naming_licenses(say: Say) -> Say:
    def said(text: Text) -> str:
        return licenses().get(text, text) if isinstance(text, LicenseId) else say(text)

    return said


def licenses() -> dict[str, str]:
    """The titles of the licenses that CKAN knows, by their ids."""
    # CKAN's docstring has it the other way round; what it gives is the id, then the title.
    return dict(tk.h.license_options())


def _bound(run: Run) -> Repair | None:
    """A run's repair as the current version has its fields, else as they were when it began.

    Where fields exchanged their names since, those of the current version are other ones.
    """
    now = versions.current()
    repair = _bound_by(now, run)
    if repair and (run.version == now.version or not _exchanged(repair)):
        return repair
    return _bound_by(versions.of_version(run.version), run) or repair


def _exchanged(repair: Repair) -> bool:
    names = repair.snapshot.exchanged_names
    return any(key in names[part.entity] for part in repair.parts for key in part.keys)


def _bound_by(snapshot: Snapshot | None, run: Run) -> Repair | None:
    try:
        return read(run.kind, run.params, snapshot) if snapshot else None
    except RepairError:
        return None


def dictize(run: Run, reader: Reader) -> dict[str, Any]:
    """A run as the API gives it to somebody."""
    repair, knows = _bound(run), reader.knows(run.author)
    is_public = repair is not None and repair.words == repair.public_words
    rate = run.done / run.seconds if run.seconds else 0.0
    return {
        "id": run.id,
        "kind": run.kind,
        "params": run.params if knows or is_public else {},
        "text": _words(run, repair, knows),
        "state": run.state,
        "done": run.done,
        "total": run.total,
        "skipped": run.skipped,
        "undone": run.undone,
        "kept": run.kept,
        "rate": round(rate, 1),
        "to_index": repair_journal.waiting(run.id),
        "trouble": run.trouble,
        "author": people.name(run.author),
        "undone_by": people.name(run.undone_by),
        "version": run.version,
        "with_version": run.with_version,
        "created": run.created.isoformat(),
        "finished": _time(run.finished),
        "possible": possible(run.state, run.with_version),  # type: ignore[arg-type]
    }


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def record(run: Run, repair: Repair | None = None) -> None:
    """Tell each organization's activity once of what was done to its records.

    :param repair: the run's repair, where the current version may not read it yet
    """
    if not run.told:
        _add_activity(run, "changed", run.author, repair)
    run.told = True


def record_undo(run: Run) -> None:
    """Tell each organization's activity of what was given back to its records."""
    _add_activity(run, "undone", run.undone_by, None)


def _add_activity(
    run: Run, state: Literal["changed", "undone"], author: str, repair: Repair | None
) -> None:
    if "activity" not in config.plugins():
        return
    from ckanext.activity.model.activity import Activity

    author, text = author or _site_user(), _public_words(run, repair)
    for row in repair_journal.by_organization(run.id, state):
        organization = model.Group.get(row.id)
        if organization is not None:
            data = {
                "group": {"id": row.id, "name": organization.name, "title": organization.title,
                          "type": "organization"},
                "repair": {"id": run.id, "text": text, "records": row.public, "undone": state == "undone"},
            }  # fmt: skip
            model.Session.add(Activity(author, row.id, ACTIVITY, data))


def _public_words(run: Run, repair: Repair | None) -> str:
    """What a run does, for everybody: an activity is public, a value in records may not be."""
    bound = repair or _bound(run)
    if bound is None:
        return KINDS[run.kind].title
    return bound.public_words.say(lambda text: text, _naming_licenses(first_language))


def _site_user() -> str:
    name = tk.get_action("get_site_user")({"ignore_auth": True, "defer_commit": True}, {})["name"]
    user = model.User.get(name)
    return str(user.id) if user else ""
