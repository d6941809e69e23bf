"""A planned record to the database, through CKAN's own actions."""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.plugins import get_permission_labels, lookup_group_plugin

from ckanext.civicswitchboard.core.importer.plan import ExistingRecord, Json, Note, Plan, RecordError, words
from ckanext.civicswitchboard.core.importer.planner import is_uuid
from ckanext.civicswitchboard.records.validate import GAPS
from ckanext.civicswitchboard.search_index.read_cache import Reading, remembering

log = logging.getLogger(__name__)

Outcome = Literal["created", "updated", "unchanged"]


class Writer:
    """Writes records as the portal's own account; each record is one transaction.

    :ivar readings: written datasets as the index takes them, where they were read anyway
    """

    def __init__(self) -> None:
        self.user: str = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        self.readings: dict[str, Reading] = {}
        self._units: dict[tuple[str, str], str] = {}

    def write(self, plan: Plan, existing: ExistingRecord | None) -> tuple[Outcome, str, list[Note]]:
        """Create or update a dataset; the index is left to the caller.

        :param plan: the record
        :param existing: the dataset as the portal holds it
        :returns: what was done, the dataset's id, and notes
        :raises RecordError: when CKAN refuses the record, with CKAN's reason
        """
        try:
            outcome, id_, notes = self._write_mended(plan, existing)
            if outcome == "unchanged":
                model.Session.rollback()
            else:
                model.Session.commit()
            return outcome, id_, notes
        except tk.ValidationError as error:
            raise RecordError(words(error.error_dict)) from None
        except sa.exc.OperationalError as error:
            if is_outage(error):
                raise
            reason = str(error.orig).strip()
            raise RecordError(f"one of its values is too long to be stored ({reason})") from None
        except (tk.ObjectNotFound, tk.NotAuthorized, sa.exc.SQLAlchemyError) as error:
            raise RecordError(str(getattr(error, "orig", error)).strip()) from None
        finally:
            model.Session.rollback()

    def _write_mended(self, plan: Plan, existing: ExistingRecord | None) -> tuple[Outcome, str, list[Note]]:
        owner = self._unit("organization", plan.organization) if plan.organization else None
        groups = [self._unit("group", group) for group in plan.groups or ()]
        while True:
            try:
                return self._write_once(plan, existing, owner, groups)
            except tk.ValidationError as error:
                model.Session.rollback()
                mended = plan.set_aside(error.error_dict)
                if mended is None or mended == plan:
                    raise
                plan = mended

    def _write_once(
        self, plan: Plan, existing: ExistingRecord | None, owner: str | None, groups: list[str]
    ) -> tuple[Outcome, str, list[Note]]:
        context = self._context(gaps="allow", return_id_only=True, defer_commit=True)
        if existing is None:
            outcome: Outcome = "created"
            data = plan.to_create(owner, groups)
            with self._remembering():
                id_: str = tk.get_action("package_create")(context, data)
        else:
            shown = tk.get_action("package_show")(self._context(use_cache=False), {"id": existing.id})
            context["original_package"] = shown
            with self._remembering():
                outcome = self._update(context, plan.to_update(shown, owner, groups), existing)
            id_ = existing.id
        return outcome, id_, [*plan.notes, *_gaps(context)]

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        with remembering() as readings:
            yield
        self.readings.update(readings)

    def _update(self, context: Any, data: Json, existing: ExistingRecord) -> Outcome:
        tk.get_action("package_update")(context, data)
        # Deferred, package_update tells by this time alone whether anything changed.
        modified = model.Session.get(model.Package, existing.id).metadata_modified
        if modified.isoformat() == existing.columns["metadata_modified"]:
            return "unchanged"
        if p.plugin_loaded("activity"):
            self._activity(existing.id)
        return "updated"

    def _activity(self, id_: str) -> None:
        """What the activity plugin writes after an update that is not deferred."""
        package = model.Session.get(model.Package, id_)
        context = self._context(use_cache=False)
        shown = tk.get_action("package_show")(context, {"id": id_})
        kind = "deleted package" if package.state == "deleted" else "changed package"
        activity = {
            "user_id": model.User.get(self.user).id,
            "object_id": id_,
            "activity_type": kind,
            "data": {"package": shown, "actor": self.user},
            "permission_labels": get_permission_labels().get_dataset_labels(package),
        }
        tk.get_action("activity_create")(self._context(defer_commit=True), activity)

    def _unit(self, kind: Literal["organization", "group"], raw: Json) -> str:
        """The id of an organization or group, which is created where it is missing."""
        key = (kind, raw["name"])
        if key not in self._units:
            references = (raw["name"], raw.get("id", raw["name"]))
            unit = next(filter(None, map(model.Group.get, references)), None)
            self._units[key] = _usable(kind, unit).id if unit else self._create_unit(kind, raw)
        return self._units[key]

    def _create_unit(self, kind: Literal["organization", "group"], unit: Json) -> str:
        if unit.get("unnamed"):
            raise RecordError(f"the {kind} {unit['id']} is not in this portal; give its name too")
        context = self._context()
        if "id" in unit and not is_uuid(unit["id"]):
            # Portals of CKAN's early years have such ids; today's CKAN would refuse them.
            context["schema"] = _taking_any_id(kind)
        try:
            return str(tk.get_action(f"{kind}_create")(context, dict(unit))["id"])
        except tk.ValidationError as error:
            model.Session.rollback()
            reason = words(error.error_dict)
            raise RecordError(f"the {kind} “{unit['name']}” cannot be created: {reason}") from None

    def _context(self, **more: Any) -> Any:
        return {"user": self.user, "ignore_auth": True, **more}


# PostgreSQL's classes of errors that say nothing of a statement: no connection, no room, shut down.
_OUTAGES = ("08", "53", "57", "58")


def is_outage(error: sa.exc.OperationalError) -> bool:
    """Whether the database does not work, rather than refuses one value, as a title too long for an index."""
    code = getattr(error.orig, "pgcode", None)
    return code is None or code.startswith(_OUTAGES)


def _taking_any_id(kind: str) -> Any:
    """The schema by which core checks a new group, but for the form of its id."""
    schema = lookup_group_plugin(kind).create_group_schema()
    schema["id"] = [
        validator for validator in schema["id"] if validator is not tk.get_validator("uuid_validator")
    ]
    return schema


def _usable(kind: str, unit: model.Group) -> model.Group:
    if unit.is_organization != (kind == "organization"):
        other = "an organization" if unit.is_organization else "a group"
        raise RecordError(f"the {kind} “{unit.name}” cannot be created: {other} has that name")
    if unit.state != "active":
        raise RecordError(f"the {kind} “{unit.name}” is deleted; restore or purge it first")
    return unit


def _gaps(context: Any) -> list[Note]:
    gaps = context.get(GAPS) or []
    return [
        Note("gap", f"a resource's {gap['field']}" if "resource" in gap else gap["field"], gap["text"])
        for gap in gaps
    ]
