"""A save and a publish meet at every step of each other: before every statement that one of
them sends to the database, the other is let go as far as it comes."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from metadata_schema.editing import act, call, changed, current_document, publish
from metadata_schema.test_exclusion import Elsewhere, in_background

from ckanext.civicswitchboard.metadata_schema import live

pytestmark = [pytest.mark.usefixtures("clean_portal")]

MOST_STEPS = 400


class Interrupted:
    """This thread's work, stopped before one of its statements while another's is done.

    :ivar reached: whether there was such a statement
    """

    def __init__(self, app: Any, place: int, other: Callable[[], Any]) -> None:
        self.app, self.place, self.other = app, place, other
        self.thread: threading.Thread | None = None
        self.results: list[Any] = []
        self._mine = threading.current_thread()
        self._count = 0

    @property
    def reached(self) -> bool:
        return self.thread is not None

    @contextmanager
    def running(self) -> Iterator[None]:
        sa.event.listen(model.meta.engine, "before_cursor_execute", self._before)
        try:
            yield
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", self._before)
            if self.thread is not None:
                self.thread.join(30)
                assert not self.thread.is_alive()

    def _before(self, *_statement: Any) -> None:
        if threading.current_thread() is not self._mine or self.reached:
            return
        self._count += 1
        if self._count == self.place:
            self.thread, self.results = in_background(self.app, self.other)
            with Elsewhere() as watching:
                while self.thread.is_alive() and not watching.waiting():
                    watching.end()
                    self.thread.join(0.005)


def outcome(work: Callable[[], Any]) -> Any:
    """What the work gives, or the error that it ends with."""
    try:
        return work()
    except tk.ValidationError as error:
        model.Session.rollback()
        return error


def drafted(document: Any) -> Callable[[], Any]:
    """Make a draft of a document; the act of publishing it is what comes back."""
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    return lambda: act("schema_publish", revision=draft["revision"], note="Meanwhile")


def creating(name: str, owner: str) -> Callable[[], Any]:
    return lambda: call(
        "package_create", name=name, owner_org=owner, title="T", notes="x", license_id="cc-by"
    )


def patching(name: str, _owner: str) -> Callable[[], Any]:
    return lambda: call("package_patch", id=name, data_notes="Upper Case")


@pytest.mark.parametrize(("first", "kind"), [("save", "create"), ("publish", "patch")])
def test_a_save_and_a_publish_at_every_step(app: Any, first: str, kind: str) -> None:
    owner = factories.Organization()["id"]
    calm = current_document()
    publish(changed(calm, "data_notes", label="Caveats"))
    # Refused by the stricter version, accepted by the one before.
    strict = (
        changed(calm, "geographic_unit", expectation="required")
        if kind == "create"
        else changed(calm, "data_notes", pattern="[a-z ]*")
    )
    outcomes = set()
    for place in range(1, MOST_STEPS):
        name = f"record-{place}"
        if kind == "patch":
            call(
                "package_create", name=name, owner_org=owner, title="T", notes="x", license_id="cc-by",
                data_notes="as it was",
            )
        save = creating(name, owner) if kind == "create" else patching(name, owner)
        issue = drafted(strict)
        begun, other = (save, issue) if first == "save" else (issue, save)
        meeting = Interrupted(app, place, lambda other=other: outcome(other))  # type: ignore[misc]
        with app.flask_app.test_request_context("/"), meeting.running():
            results = [outcome(begun)]
        results += meeting.results or [outcome(other)]
        saved, issued = results if first == "save" else reversed(results)
        assert issued["version"] == live.newest().version, issued
        outcomes.add(whole(name, saved, kind))
        act("schema_rollback", version=1, note="Back")
        if not meeting.reached:
            break
    else:
        pytest.fail(f"there are more than {MOST_STEPS} steps")
    assert place > 5
    assert outcomes == {"saved", "refused"}


def whole(name: str, saved: Any, kind: str) -> str:
    """That the record is as one version wanted it, in the database and in search.

    :returns: whether the save came through
    """
    refused = isinstance(saved, tk.ValidationError)
    stored = model.Session.query(model.Package).filter_by(name=name).one_or_none()
    if kind == "create":
        assert (stored is None) == refused, saved
        if refused:
            assert list(saved.error_dict) == ["geographic_unit"]
    else:
        assert stored is not None
        assert stored.extras["data_notes"] == ("as it was" if refused else "Upper Case"), saved
        if refused:
            assert list(saved.error_dict) == ["data_notes"]
    found = call("package_search", fq=f"name:{name}")["results"]
    assert [each["name"] for each in found] == ([name] if stored else [])
    if stored:
        shown = call("package_show", id=name)
        assert found[0].get("data_notes") == shown.get("data_notes")
        # What was saved by the version before was committed before the next one was published.
        assert stored.metadata_modified <= published() or refused
    return "refused" if refused else "saved"


def published() -> Any:
    return model.Session.scalar(
        sa.text("SELECT published AT TIME ZONE 'UTC' FROM civicswitchboard_version ORDER BY number DESC LIMIT 1")
    )
