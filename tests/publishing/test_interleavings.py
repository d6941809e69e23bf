"""A save and a publish meet at every step of each other: before every statement that one of
them sends to the database, the other is let go as far as it comes."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from publishing.test_exclusion import Elsewhere, in_background
from records.test_forms import fields_of
from support.editing import act, changed, current_document, publish
from werkzeug.datastructures import MultiDict

from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

MOST_STEPS = 400
BEFORE, TYPED = "as it was", "Upper Case"
# Refuses what is typed, and takes what was there before.
PATTERN = "[a-z ]*"

Raw = dict[str, Any]


class Interrupted:
    """This thread's work, stopped before one of its statements while another's is done.

    :ivar reached: whether there was such a statement
    :ivar waits: whether the other had to wait for this thread's work
    """

    def __init__(self, app: Any, place: int, other: Callable[[], Any]) -> None:
        self.app, self.place, self.other = app, place, other
        self.thread: threading.Thread | None = None
        self.waits = False
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
                while self.thread.is_alive() and not self.waits:
                    self.waits = watching.waiting() > 0
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


class Portal:
    """Where records are made and saved, by one account."""

    def __init__(self, app: Any) -> None:
        self.app = app
        user = factories.SysadminWithToken()
        self.user, self.headers = user["name"], {"Authorization": user["token"]}
        self.owner = factories.Organization()["id"]

    def call(self, action: str, **data: Any) -> Any:
        return tk.get_action(action)({"user": self.user, "ignore_auth": False}, data)

    def dataset(self, name: str, **values: Any) -> Any:
        usual = {"owner_org": self.owner, "title": "T", "notes": "x", "license_id": "cc-by"}
        return self.call("package_create", name=name, **usual, **values)

    def file(self, name: str, **values: Any) -> Any:
        address = "http://data.example.org/1.csv"
        return self.call("resource_create", package_id=name, name="One", url=address, **values)

    def organization(self, name: str) -> Any:
        values = {"title": "T", "partner_type": "nonprofit", "contact_name": BEFORE}
        return self.call("organization_create", name=name, **values)


# Each makes ready what is saved, and gives the save itself.
Ready = Callable[[Portal, str], Callable[[], Any]]


def creating_a_dataset(portal: Portal, name: str) -> Callable[[], Any]:
    return lambda: portal.dataset(name, data_notes=TYPED)


def patching_a_dataset(portal: Portal, name: str) -> Callable[[], Any]:
    portal.dataset(name, data_notes=BEFORE)
    return lambda: portal.call("package_patch", id=name, data_notes=TYPED)


def sending_the_form(portal: Portal, name: str) -> Callable[[], Any]:
    portal.dataset(name, data_notes=BEFORE)
    address = f"/dataset/edit/{name}"
    page = portal.app.get(address, headers=portal.headers)
    sent = [each for each in fields_of(page.body, "dataset-edit") if each[0] != "data_notes"]
    form = MultiDict([*sent, ("data_notes", TYPED), ("save", "")])

    def send() -> Any:
        answer = portal.app.post(address, headers=portal.headers, data=form, follow_redirects=False)
        if answer.status_code == 302:
            return answer
        page = BeautifulSoup(answer.body, "html.parser")
        # What was typed is there to be mended.
        assert answer.status_code == 200 and page.select_one("[name=data_notes]").text.strip() == TYPED
        raise tk.ValidationError({"data_notes": [page.select_one(".error-explanation").text]})

    return send


def creating_a_file(portal: Portal, name: str) -> Callable[[], Any]:
    portal.dataset(name)
    return lambda: portal.file(name, encoding=TYPED)


def updating_a_file(portal: Portal, name: str) -> Callable[[], Any]:
    portal.dataset(name)
    shown = portal.file(name, encoding=BEFORE)
    return lambda: portal.call("resource_update", **{**shown, "encoding": TYPED})


def patching_a_file(portal: Portal, name: str) -> Callable[[], Any]:
    portal.dataset(name)
    file_id = portal.file(name, encoding=BEFORE)["id"]
    return lambda: portal.call("resource_patch", id=file_id, encoding=TYPED)


def updating_an_organization(portal: Portal, name: str) -> Callable[[], Any]:
    portal.organization(name)
    given = {"title": "T", "partner_type": "nonprofit", "contact_name": TYPED}
    return lambda: portal.call("organization_update", id=name, name=name, **given)


def patching_an_organization(portal: Portal, name: str) -> Callable[[], Any]:
    portal.organization(name)
    return lambda: portal.call("organization_patch", id=name, contact_name=TYPED)


@dataclass(frozen=True)
class Place:
    """Where the value stands that is saved.

    :ivar part: its field's part of the document
    :ivar stored: the value in the database by the record's name, None where there is none
    """

    field: str
    part: tuple[str, str]
    stored: Callable[[str], str | None]

    def stricter(self, document: Raw) -> Raw:
        entity, fields = self.part
        mended = [
            {**each, "pattern": PATTERN} if each["id"] == self.field else each for each in document[entity][fields]
        ]
        return {**document, entity: {**document[entity], fields: mended}}


def in_dataset(name: str) -> str | None:
    found = model.Session.query(model.Package).filter_by(name=name).one_or_none()
    return found and found.extras.get("data_notes")


def in_file(name: str) -> str | None:
    dataset = model.Session.query(model.Package).filter_by(name=name).one()
    return next((each.extras.get("encoding") for each in dataset.resources), None)


def in_organization(name: str) -> str | None:
    found = model.Session.query(model.Group).filter_by(name=name).one()
    return found.extras.get("contact_name")


DATASET = Place("data_notes", ("dataset", "fields"), in_dataset)
FILE = Place("encoding", ("dataset", "resource_fields"), in_file)
ORGANIZATION = Place("contact_name", ("organization", "fields"), in_organization)


@pytest.mark.parametrize("first", ["save", "publish"])
@pytest.mark.parametrize(
    ("ready", "place"),
    [
        (creating_a_dataset, DATASET),
        (patching_a_dataset, DATASET),
        (sending_the_form, DATASET),
        (creating_a_file, FILE),
        (updating_a_file, FILE),
        (patching_a_file, FILE),
        (updating_an_organization, ORGANIZATION),
        (patching_an_organization, ORGANIZATION),
    ],
    ids=lambda given: given.field if isinstance(given, Place) else given.__name__,
)
def test_a_save_and_a_publish_at_every_step(app: Any, first: str, ready: Ready, place: Place) -> None:
    portal = Portal(app)
    calm = current_document()
    publish(changed(calm, "methods", label="How it was made"))
    outcomes = set()
    for step in range(1, MOST_STEPS):
        name = f"record-{step}"
        save, issue = ready(portal, name), drafted(place.stricter(calm))
        before = place.stored(name)
        model.Session.rollback()
        begun, other = (save, issue) if first == "save" else (issue, save)
        meeting = Interrupted(app, step, lambda other=other: outcome(other))  # type: ignore[misc]
        with app.flask_app.test_request_context("/"), meeting.running():
            results = [outcome(begun)]
        results += meeting.results or [outcome(other)]
        saved, issued = results if first == "save" else reversed(results)
        assert isinstance(issued, dict), repr(issued)
        assert issued["version"] == versions.newest().version, issued
        how = whole(portal, name, saved, place, before)
        if first == "save" and meeting.waits:
            # The save had begun: the publish let it end by the version that it began with.
            assert how == "saved", step
        outcomes.add((how, meeting.waits))
        act("schema_rollback", version=1, note="Back")
        if not meeting.reached:
            break
    else:
        pytest.fail(f"there are more than {MOST_STEPS} steps")
    assert step > 5
    assert {how for how, _waits in outcomes} == {"saved", "refused"}
    assert {waits for _how, waits in outcomes} == {True, False}


def whole(portal: Portal, name: str, saved: Any, place: Place, before: str | None) -> str:
    """That the record is as one version wanted it, in the database and in search.

    :returns: whether the save came through
    """
    assert not isinstance(saved, Exception) or isinstance(saved, tk.ValidationError), saved
    refused = isinstance(saved, tk.ValidationError)
    model.Session.expire_all()
    value = place.stored(name)
    assert value == (before if refused else TYPED), saved
    if refused:
        assert list(saved.error_dict) == [place.field]
    if place is ORGANIZATION:
        assert portal.call("organization_show", id=name)["contact_name"] == value
    else:
        found_as_shown(portal, name, place, refused)
    return "refused" if refused else "saved"


def found_as_shown(portal: Portal, name: str, place: Place, refused: bool) -> None:
    dataset = model.Session.query(model.Package).filter_by(name=name).one_or_none()
    found = portal.call("package_search", fq=f"name:{name}")["results"]
    assert [each["name"] for each in found] == ([name] if dataset else [])
    if dataset:
        shown = portal.call("package_show", id=name)
        assert value_in(found[0], place) == value_in(shown, place) == place.stored(name)
        # What was saved by the version before was committed before the next one was published.
        assert dataset.metadata_modified <= published() or refused


def value_in(dataset: Raw, place: Place) -> Any:
    records = dataset["resources"] if place is FILE else [dataset]
    return records[0].get(place.field) if records else None


def published() -> Any:
    return model.Session.scalar(
        sa.text("SELECT published AT TIME ZONE 'UTC' FROM civicswitchboard_version ORDER BY number DESC LIMIT 1")
    )
