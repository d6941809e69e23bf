"""What a change does to the records: counted in SQL over the values that are stored.

Counts hold private records too for those who may publish, for others those that they may see;
names and values are given only of records that the reader may see. ``docs/schema-changes.md``
says what is counted for which change.

``sources`` knows where values are stored, ``rules`` what a version asks of one value,
``asking`` turns a change's questions into conditions, ``counting`` is the pass over the
records, ``connection`` what it runs on, ``usage`` what the records hold at all.
"""
from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.core.changes import Change
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.impact.connection import Stopped, counting, new_token, stop
from ckanext.civicswitchboard.impact.counting import NOBODY, Affected, Counting, Finding, totals
from ckanext.civicswitchboard.impact.rules import fits
from ckanext.civicswitchboard.impact.sources import VISITOR, Scope, prepare
from ckanext.civicswitchboard.impact.usage import Usage, forget, part_usage, refresh_usage, term_usage, usage
from ckanext.civicswitchboard.records.visibility import Reader

__all__ = [
    "NOBODY",
    "VISITOR",
    "Affected",
    "Counting",
    "Finding",
    "Reader",
    "Scope",
    "Stopped",
    "Usage",
    "affected",
    "briefly",
    "counting",
    "fits",
    "forget",
    "new_token",
    "part_usage",
    "refresh_usage",
    "stop",
    "term_usage",
    "totals",
    "usage",
]


def affected(before: Snapshot, after: Snapshot, change: Change, scope: Scope | None = None) -> Affected:
    """The records that one change concerns, as the running transaction sees them.

    :param before: the version under which the records stand
    :param after: the version that the change leads to
    :param scope: which records, and for whom; all active ones when left out, with names for everybody
    """
    connection = model.Session.connection()
    prepare(connection)
    count = Counting(before, after, scope or Scope(everything=True), with_findings=False)
    return next((counted for _place, counted in count.run(connection, [change])), NOBODY)


def briefly(counted: Affected) -> str:
    """How many records one change concerns, of whom, and some that everybody may see.

    :param counted: of :func:`affected`
    """
    titles = {partner.id: partner.title for partner in partners.all_partners()}
    owners = ", ".join(
        f"{titles.get(owner) or tk._('no organization')} {count}"
        for owner, count in counted.organizations.items()
    )
    examples = ", ".join(counted.examples)
    text = tk._("{number} ({organizations})") if not examples else tk._(
        "{number} ({organizations}), for example {examples}"
    )  # fmt: skip
    return str(text.format(number=counted.count, organizations=owners, examples=examples))
