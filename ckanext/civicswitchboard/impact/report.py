"""The impact of a document as the API and the review page tell it."""
from __future__ import annotations

import contextvars
import json
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.core.changes import Change, Offer, diff
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.impact.connection import counting, new_token, stop
from ckanext.civicswitchboard.impact.counting import Affected, Counting, Finding, totals
from ckanext.civicswitchboard.impact.sampling import Sampled, sampled
from ckanext.civicswitchboard.impact.sources import Scope
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.schema_registry import versions

Described = dict[str, Any]
# How often a page that waits for figures looks whether its reader has gone.
HEARTBEAT = 0.5


def scope_of(context: Mapping[str, Any], states: tuple[str, ...] = ("active",)) -> Scope:
    """What is counted for somebody: everything for those who may publish, for others what they may see.

    :param context: who asks, as of an action
    """
    user = context.get("user") or ""
    everything = bool(context.get("ignore_auth")) or may_count_all(user)
    return Scope(states, Reader.of({"user": user}), everything=everything)


def may_count_all(user: str) -> bool:
    """Whether somebody may have records counted that they may not see.

    :param user: the user's name, empty for nobody
    """
    try:
        tk.check_access("civicswitchboard_schema_publish", {"user": user}, {})
    except tk.NotAuthorized:
        return False
    return True


@dataclass
class Report:
    """The impact of a document on the records.

    :ivar before: the current version
    :ivar after: the document, as the next one
    :ivar scope: which records, and who reads
    :ivar token: by which the count can be stopped
    :ivar datasets: how many there are, known once counting has begun
    :ivar resources: how many files and links there are
    :ivar has_drafts: whether there are drafts, counted or not
    :ivar has_deleted: whether there are deleted datasets or files
    :ivar seconds: how long it took
    :ivar titles: what organizations are called, by name
    """

    before: Snapshot
    after: Snapshot
    scope: Scope = field(default_factory=Scope)
    token: str = field(default_factory=new_token)
    datasets: int = 0
    resources: int = 0
    has_drafts: bool = False
    has_deleted: bool = False
    seconds: float = 0.0

    @classmethod
    def of(cls, document: Document, scope: Scope) -> Report:
        """The impact of a document that would follow the current version."""
        before = versions.current()
        return cls(before, versions.compiled(document, before.version + 1), scope)

    def __post_init__(self) -> None:
        self.changes: list[Change] = diff(self.before.document, self.after.document)
        self.findings: list[Finding] = []
        self.sampled: list[Sampled] = []
        everyone = partners.all_partners()
        self._names: Mapping[str, str] = {partner.id: partner.name for partner in everyone}
        self.titles: Mapping[str, str] = {partner.name: partner.title for partner in everyone}

    def count(self) -> Iterator[tuple[int, Affected]]:
        """Count on a connection of its own, and give each change's figures once they are complete.

        :raises Stopped: when it takes too long or is stopped
        """
        began = time.monotonic()
        count = Counting(self.before, self.after, self.scope)
        with counting(self.token) as connection:
            self.datasets, self.resources, self.has_drafts, self.has_deleted = totals(connection, self.scope)
            yield from count.run(connection, self.changes)
            self.sampled = list(sampled(connection, self.before, self.after, self.scope))
        self.findings = count.findings
        self.seconds = round(time.monotonic() - began, 3)

    def watched(self) -> Iterator[tuple[int, Affected] | None]:
        """As :meth:`count`, with None now and then while nothing is new.

        Whoever no longer listens is told from by these, and the count is stopped.
        """
        findings: queue.Queue[Any] = queue.Queue()
        # Checks of values translate their messages, for which they need the request.
        context = contextvars.copy_context()
        worker = threading.Thread(target=context.run, args=(self._work, findings), daemon=True)
        worker.start()
        try:
            while True:
                try:
                    message = findings.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield None
                    continue
                if message is None:
                    return
                if isinstance(message, Exception):
                    raise message
                yield message
        finally:
            if worker.is_alive():
                _stop_until_ended(self.token, worker)

    def _work(self, findings: queue.Queue[Any]) -> None:
        try:
            for finding in self.count():
                findings.put(finding)
            findings.put(None)
        except Exception as error:
            findings.put(error)
        finally:
            model.Session.remove()

    def described(self, place: int, affected: Affected | None) -> Described:
        """A change in words and figures.

        :param place: its place in :attr:`changes`
        :param affected: its figures, None when they are not known
        """
        change = self.changes[place]
        said = change.as_dict(tk._, tk.h.scheming_language_text)
        offered = [{"kind": offer.kind, "params": params_of(offer)} for offer in change.repairs]
        if affected is None:
            return {**said, "repairs": offered}
        return {**said, **self._figures(affected), "repairs": offered}

    def unreadable_values(self) -> list[Described]:
        """Stored values that cannot be read, in figures."""
        return [
            {"entity": finding.entity, "field": finding.field, **self._figures(finding.affected)}
            for finding in self.findings
        ]

    def broken_rules(self) -> list[Described]:
        """Rules across fields, with what a sample of the records says."""
        return [
            {
                "entity": sample.applied.rule.entity,
                "fields": [field.id for field in sample.applied.fields],
                "text": sample.applied.message.say(tk._, tk.h.scheming_language_text),
                "sample": sample.records,
                "breaking": sample.breaking,
                "examples": list(sample.examples),
            }
            for sample in self.sampled
        ]

    def _figures(self, affected: Affected) -> Described:
        return {
            "affected": affected.count,
            "datasets": affected.datasets,
            "resources": affected.resources,
            "organizations": [
                {"name": self._names.get(owner, ""), "affected": count}
                for owner, count in affected.organizations.items()
            ],
            "examples": list(affected.examples),
            "values": [{"value": value, "count": count} for value, count in affected.values],
            "other_keys": [{"key": key, "count": count} for key, count in affected.other_keys],
        }

    def answer(self) -> Described:
        """All of it, as ``civicswitchboard_schema_impact`` gives it.

        :raises Stopped: when it takes too long or is stopped
        """
        changes = {place: self.described(place, affected) for place, affected in self.count()}
        return {
            "datasets": self.datasets,
            "resources": self.resources,
            "counted": "all" if self.scope.everything else "readable",
            "affected": max((change["affected"] for change in changes.values()), default=0),
            "seconds": self.seconds,
            "changes": [changes[place] for place in range(len(self.changes))],
            "unreadable": self.unreadable_values(),
            "across_fields": self.broken_rules(),
        }


def _stop_until_ended(token: str, worker: threading.Thread) -> None:
    """It may not have connected yet, or have just passed from one statement to the next."""
    for _attempt in range(10):
        stop(token)
        worker.join(timeout=HEARTBEAT)
        if not worker.is_alive():
            return


def params_of(offer: Offer) -> Described:
    """A repair's parameters, with whose records: others may have a field of the same name."""
    params = dict(offer.params)
    return params if offer.entity == "vocabulary" else {**params, "entity": offer.entity}


def repair_address(repair: Described) -> str:
    """The page on which a repair begins, filled in as far as the change tells.

    :param repair: ``{kind, params}``
    """
    params = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in repair["params"].items()
    }
    query = urlencode({"kind": repair["kind"], **params})
    return f"{tk.h.url_for('civicswitchboard_metadata_schema.show')}/repairs/new?{query}"
