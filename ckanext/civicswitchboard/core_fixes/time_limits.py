"""How long a request waits for the database: for a lock that somebody holds, and for an answer.

PostgreSQL counts the time itself, in each transaction of a request, so a command or a background job
takes as long as it takes. What no server can count is a database whose processes stand still.
"""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from flask import Flask, g, has_request_context
from markupsafe import Markup
from psycopg2 import errors
from sqlalchemy.orm import Session, SessionTransaction

from ckanext.civicswitchboard.core_fixes import CoreFix, search_outage
from ckanext.civicswitchboard.core_fixes.request_errors import error_page

FIX = CoreFix(
    name="time_limits",
    fixes="A request of CKAN 2.12 waits without a limit for a lock or an answer of the database",
    reported="",
    until="core limits both",
)
# For a lock, such as that of a record which somebody else is saving.
LOCK_SECONDS = 10
# For each answer to a page's question; what pages count takes a second where there are many records.
ANSWER_SECONDS = 10
# For each of both while a page is made that says so: what it asks may be what is locked.
SECONDS_OF_ERROR_PAGE = 1

# Whose requests save records, beside the pages that people read.
_SAVING = frozenset({"api", "dataset_resource"})


def bind(app: Flask) -> None:
    """Limit what an application's requests wait for, and answer those that waited too long in words."""
    if not FIX.enabled:
        return
    if not sa.event.contains(model.Session, "after_begin", _limit):
        sa.event.listen(model.Session, "after_begin", _limit)
    app.register_error_handler(sa.exc.OperationalError, _timed_out)


def sentence(error: BaseException) -> str:
    """What to tell whoever waited too long; empty for an error of another kind."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, errors.LockNotAvailable):
        return str(tk._("Someone else is changing this, so nothing was saved. Try again in a moment"))
    if isinstance(cause, errors.QueryCanceled):
        return str(tk._("The database took too long to answer. Try again in a moment"))
    return ""


def _limit(session: Session, transaction: SessionTransaction, connection: sa.Connection) -> None:
    if transaction.nested or not has_request_context():
        return
    reads = search_outage.on_a_page()
    if not reads and not (search_outage.is_page() or tk.request.blueprint in _SAVING):
        return
    limits = {"lock_timeout": LOCK_SECONDS, **({"statement_timeout": ANSWER_SECONDS} if reads else {})}
    if g.get("civicswitchboard_timed_out"):
        limits = dict.fromkeys(("lock_timeout", "statement_timeout"), SECONDS_OF_ERROR_PAGE)
    settings = ", ".join(f"set_config('{name}', '{seconds}s', true)" for name, seconds in limits.items())
    connection.exec_driver_sql(f"SELECT {settings}")


def _timed_out(error: sa.exc.OperationalError) -> Any:
    message = sentence(error)
    if not message:
        raise error
    model.Session.rollback()
    g.civicswitchboard_timed_out = True
    heading = tk._("Please try again")
    try:
        return error_page(503, heading, message)
    except sa.exc.DBAPIError:
        # What surrounds every page, such as the reader's name, is in the database too.
        model.Session.rollback()
        page = "<!DOCTYPE html><html><title>{0}</title><body><h1>{0}</h1><p>{1}</p></body></html>"
        return Markup(page).format(heading, message), 503
