"""The review page: every change with its figures, sent on while the records are counted."""
from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from impact.writing import Row, write
from support.crashing import postgresql_hangs
from support.editing import act, call, changed, current_document, with_field
from words.reading import text

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.impact.connection import Stopped, counting, new_token, stop
from ckanext.civicswitchboard.impact.report import Report

pytestmark = [pytest.mark.usefixtures("clean_portal")]

REVIEW = "/metadata-schema/review"


@pytest.fixture
def curator() -> dict[str, str]:
    """Headers of a request by an admin of the steward."""
    user = factories.User()
    steward = factories.Organization(users=[{"name": user["name"], "capacity": "admin"}])
    act("steward_update", organization_id=steward["id"])
    return {"Authorization": factories.APIToken(user=user["name"])["token"]}


def drafted(document: Any) -> None:
    act("schema_draft_create")
    act("schema_draft_update", revision=1, document=document)


def a_draft_over_records() -> None:
    parks = factories.Organization(name="parks", title="Parks and squares")
    write([
        Row("trees", parks["id"], {"license_id": "notspecified"}, {"theme": "[broken", "depth": "2",
                                                              "temporal_start": "2016", "temporal_end": "2015"}),
        Row("secret", parks["id"], {"license_id": ""}, {"department": "Hush"}, private=True),
    ])  # fmt: skip
    document = changed(current_document(), "license_id", enforce="all")
    document = changed(document, "department", pattern="[0-9]+")
    drafted(with_field(document, field_name="depth"))


def test_it_tells_of_each_change_what_it_does_to_which_records(app: Any, curator: dict[str, str]) -> None:
    a_draft_over_records()
    page = app.get(REVIEW, headers=curator)
    shown = text(page)
    assert "2 of 2 datasets affected" in shown and "Parks and squares: 2" in shown
    assert "trees" in shown and "secret" not in shown and "Hush" not in shown
    assert "1 record has a value under “depth” in “Other fields”" in shown
    assert "Unreadable stored values" in shown and "theme : 1 record ( trees )" in shown
    assert "Date check: “Coverage ends” is before “Coverage starts” in 1 of 1 sampled record ( trees )" in shown
    soup = BeautifulSoup(page.body, "html.parser")
    levels = [each.get_text() for each in soup.select(".csw-impact .csw-level")]
    assert levels == sorted(levels, key=["records must be fixed first", "some records may need attention",
                                         "existing records remain valid"].index)  # fmt: skip


def test_without_figures_the_changes_are_there_all_the_same(app: Any, curator: dict[str, str]) -> None:
    a_draft_over_records()
    stopped = app.post(f"{REVIEW}/stop", headers=curator, data={"token": "none such"})
    assert "not counted" in text(stopped) and "datasets affected" not in text(stopped)
    assert "Publish version 2" in text(stopped)
    stranger = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    app.post(f"{REVIEW}/stop", headers=stranger, data={"token": "x"}, status=403)


def test_a_count_can_be_stopped_and_holds_no_save_up() -> None:
    token, ended = new_token(), []

    def count() -> None:
        try:
            with counting(token) as connection:
                connection.execute(sa.text("SELECT count(*) FROM package")).one()
                connection.execute(sa.text("SELECT pg_sleep(60)"))
        except Stopped as stopped:
            ended.append(stopped.too_long)

    thread = threading.Thread(target=count)
    thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    call("package_patch", id=factories.Dataset(license_id="cc-by")["id"], notes="Saved meanwhile")
    act("schema_draft_create")
    act("schema_draft_update", revision=1, document=changed(current_document(), "url", label="Home"))
    assert thread.is_alive() and time.monotonic() - began < 30
    assert stop(token)
    thread.join(timeout=10)
    assert ended == [False] and not stop(token)


@pytest.mark.ckan_config("civicswitchboard.impact.most_seconds", "1")
def test_a_count_that_takes_too_long_ends_by_itself() -> None:
    with pytest.raises(Stopped) as stopped, counting() as connection:
        connection.execute(sa.text("SELECT pg_sleep(5)"))
    assert stopped.value.too_long


def test_a_count_writes_nothing() -> None:
    with pytest.raises(sa.exc.InternalError), counting() as connection:
        connection.execute(sa.text("DELETE FROM package"))


def test_a_reader_who_leaves_ends_the_count(app: Any) -> None:
    write([Row("trees")])
    document = changed(current_document(), "license_id", enforce="all")
    from ckanext.civicswitchboard.core.schema.document import parse

    with app.flask_app.test_request_context():
        report = Report.of(parse(document), impact.Scope())
        # Whoever alters the table holds the count up, as a slow one would be.
        with model.meta.engine.begin() as other:
            other.execute(sa.text("LOCK TABLE package IN ACCESS EXCLUSIVE MODE"))
            watched = report.watched()
            assert next(watched) is None
            watched.close()
            assert not stop(report.token)


@contextmanager
def held_up(portal_url: str, headers: dict[str, str]) -> Iterator[tuple[Iterator[bytes], sa.Connection]]:
    """The review page, piece by piece as it comes while its count waits, and the connection that holds it up."""
    a_draft_over_records()
    with model.meta.engine.connect() as altering:
        # Whoever alters the table holds the count up, as a slow one would be; the rest of the page needs it not.
        altering.execute(sa.text("LOCK TABLE resource IN ACCESS EXCLUSIVE MODE"))
        with requests.get(portal_url + REVIEW, headers=headers, stream=True, timeout=60) as sent:
            assert sent.status_code == 200
            yield sent.iter_content(None), altering


def test_the_page_comes_before_its_figures_and_its_button_stops_the_count(
    portal_url: str, curator: dict[str, str]
) -> None:
    with held_up(portal_url, curator) as (pieces, _altering):
        head = b""
        while b"</form>" not in head.partition(b"/metadata-schema/review/stop")[2]:
            head += next(pieces)
        told = BeautifulSoup(head, "html.parser")
        form = told.select_one("form[action$='/review/stop']")
        assert form is not None and b"</html>" not in head
        assert "datasets affected" not in text_of(told) and "Counting stopped early" not in text_of(told)
        token = form.select_one("[name=token]")["value"]
        # Nothing but signs of life comes while the count waits.
        assert {next(pieces).strip() for _piece in range(2)} == {b""} and counts(token) == 1

        answer = requests.post(portal_url + form["action"], headers=curator, data={"token": token}, timeout=60)
        rest = b"".join(pieces)
    assert counts(token) == 0
    whole = text_of(BeautifulSoup(head + rest, "html.parser"))
    assert "Counting stopped early" in whole and rest.rstrip().endswith(b"</html>")
    assert "Publish version 2" in whole
    assert answer.status_code == 200 and "not counted" in text_of(BeautifulSoup(answer.text, "html.parser"))


def test_when_postgresql_hangs_the_page_stays_alive_and_has_all_figures_in_the_end(
    portal_url: str, curator: dict[str, str]
) -> None:
    with held_up(portal_url, curator) as (pieces, altering):
        read = b""
        while b"/metadata-schema/review/stop" not in read:
            read += next(pieces)
        with postgresql_hangs():
            sent_meanwhile = [next(pieces) for _piece in range(4)]
        altering.rollback()
        read += b"".join(sent_meanwhile) + b"".join(pieces)
    assert b"</html>" not in b"".join(sent_meanwhile) and read.rstrip().endswith(b"</html>")
    whole = text_of(BeautifulSoup(read, "html.parser"))
    assert "2 of 2 datasets affected" in whole and "Counting stopped early" not in whole


def text_of(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def counts(token: str) -> int:
    """How many connections count for a token."""
    with model.meta.engine.connect() as connection:
        asked = sa.text("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE :name")
        return int(connection.scalar(asked, {"name": f"%impact {token}"}) or 0)


def test_drafts_and_deleted_datasets_are_counted_on_request_and_named_to_editors() -> None:
    member, editor = factories.User(), factories.User()
    parks = factories.Organization(
        users=[{"name": member["name"], "capacity": "member"}, {"name": editor["name"], "capacity": "editor"}]
    )
    steward = factories.Organization(
        users=[{"name": each["name"], "capacity": "editor"} for each in (member, editor)]
    )
    act("steward_update", organization_id=steward["id"])
    write([Row("open", parks["id"]), Row("closed", parks["id"], private=True),
           Row("begun", parks["id"], state="draft"), Row("gone", parks["id"], state="deleted")])  # fmt: skip
    document = changed(current_document(), "department", expectation="required")

    def seen(user: str | None, **more: Any) -> Any:
        (change,) = act("schema_impact", user=user, document=document, **more)["changes"]
        return change["affected"], change["examples"]

    assert seen(None) == (2, ["open"])
    assert seen(member["name"]) == (2, ["closed", "open"])
    # Who may not publish gets counts of readable records only, and a member reads no drafts.
    assert seen(member["name"], include_drafts=True, include_deleted=True) == (2, ["closed", "open"])
    assert seen(editor["name"], include_drafts=True, include_deleted=True)[1] == ["begun", "closed", "gone", "open"]
    assert seen(editor["name"], include_drafts=True)[0] == 3


def test_what_is_wrong_in_a_document_stops_no_count() -> None:
    write([Row("trees", extras={"department": "Parks"})])
    document = changed(current_document(), "department", preset="no such type", pattern="(", enforce="all")
    document = with_field(document, field_name="a\u0000b", missing_values=["\ud800"], expectation="required")
    told = act("schema_impact", document=document)
    assert {change["affected"] for change in told["changes"]} <= {0, 1}


def test_drafts_and_deleted_datasets_are_counted_when_that_is_asked_for(app: Any, curator: dict[str, str]) -> None:
    write([Row(state, None, {"license_id": ""}, {}, state=state) for state in ("active", "draft", "deleted")])
    drafted(changed(current_document(), "license_id", enforce="all"))
    counted = {}
    for also in ("", "also=draft", "also=deleted&also=draft&also=x"):
        shown = text(app.get(f"{REVIEW}?{also}", headers=curator))
        counted[also] = re.findall(r"(\d) of \d datasets? affected", shown)
    assert counted == {"": ["1"], "also=draft": ["2"], "also=deleted&also=draft&also=x": ["3"]}
