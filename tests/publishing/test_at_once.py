"""Publishing meets another publish, a restore, an edit of the draft or a change of an organization's type: two
connections of their own, let go at the same moment, again and again."""
from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from publishing.test_exclusion import Elsewhere, in_background
from support.editing import act, changed, current_document, field_of

from ckanext.civicswitchboard.core.schema.document import dump, parse
from ckanext.civicswitchboard.publishing import publish as publishing
from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.schema_registry import drafts, locks, versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

# A round takes a quarter of a second, one with an organization's save three times as long.
DEFAULT, ROUNDS = 20, 200
TYPES = ("nonprofit", "foundation")
Raw = dict[str, Any]
Refusal = (tk.ValidationError, tk.ObjectNotFound)


def small(document: Raw) -> Raw:
    """What is left of a document when nothing is in it that these rounds don't need: versions are compared in
    milliseconds then."""
    parts = {
        "fields": {"title", "name", "notes", "owner_org", "license_id", "tag_string", "data_notes"},
        "resource_fields": {"url", "name", "format"},
    }
    dataset = {part: [f for f in document["dataset"][part] if f["id"] in kept] for part, kept in parts.items()}
    kept = {"title", "name", "description", "partner_type", "contact_name"}
    fields = [field for field in document["organization"]["fields"] if field["id"] in kept]
    types = [{**each, "fields": []} for each in document["partner_types"] if each["name"] in TYPES]
    return {
        **document,
        "vocabularies": [],
        "partner_types": types,
        "dataset": {**document["dataset"], **dataset},
        "organization": {**document["organization"], "fields": fields},
    }


def at_once(app: Any, *works: Callable[[], Any]) -> list[Any]:
    """What each of some works gives or is refused with; they start at the same moment.

    Anything but a refusal is what a visitor would see as a 500.
    """
    start = threading.Barrier(len(works))

    def after_the_start(work: Callable[[], Any]) -> Any:
        start.wait(30)
        return work()

    model.Session.remove()
    running = [in_background(app, lambda work=work: after_the_start(work)) for work in works]
    for thread, _results in running:
        thread.join(60)
        assert not thread.is_alive()
    results = [results[0] for _thread, results in running]
    for each in results:
        assert not isinstance(each, Exception) or isinstance(each, Refusal), repr(each)
    return results


def drafted(mark: str) -> Raw:
    """A draft with a change of its own."""
    draft = act("schema_draft_create")
    document = changed(draft["document"], "data_notes", label=mark)
    saved: Raw = act("schema_draft_update", revision=draft["revision"], document=document)
    return saved


def label(document: Any) -> str:
    """The mark of :func:`drafted`."""
    raw = document if isinstance(document, dict) else dump(document)
    return str(field_of(raw, "data_notes")["label"])


def current_label() -> str:
    return label(versions.newest().document)


def publishing_of(draft: Raw, note: str = "At once") -> Callable[[], Any]:
    return lambda: act("schema_publish", revision=draft["revision"], note=note)


def done(*results: Any) -> list[bool]:
    return [not isinstance(each, Exception) for each in results]


@pytest.fixture(params=[DEFAULT, pytest.param(ROUNDS, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def rounds(request: Any) -> list[str]:
    """A mark for each round, in a portal with a small schema."""
    publishing.enter_first(parse(small(current_document())))
    return [f"Mark {number}" for number in range(request.param)]


def report(outcomes: Counter[Any]) -> None:
    """Show how the rounds ended, with ``-s`` or where the test fails."""
    print("; ".join(f"{outcome}: {times}" for outcome, times in outcomes.items()))


def test_two_publishes(app: Any, rounds: list[str]) -> None:
    outcomes = Counter[Any]()
    for number, mark in enumerate(rounds, start=2):
        draft = drafted(mark)
        results = at_once(app, publishing_of(draft, "One"), publishing_of(draft, "Two"))
        outcomes[tuple(done(*results))] += 1
        published = [each for each in results if isinstance(each, dict)]
        assert [each["version"] for each in published] == [number]
        assert label(published[0]["document"]) == current_label() == mark
        assert drafts.current() is None
        # Not with the next draft either.
        after = drafted(f"{mark} after")
        with pytest.raises(tk.ValidationError):
            publishing_of(draft)()
        assert after["revision"] > draft["revision"]
        act("schema_draft_delete")
    report(outcomes)


def test_a_publish_and_a_restore(app: Any, rounds: list[str]) -> None:
    drafted("First")
    publishing_of(act("schema_draft_show"))()
    outcomes = Counter[Any]()
    for mark in rounds:
        draft, before = drafted(mark), versions.newest().version
        earlier = label(versions.of_version(before - 1).document)
        restore = lambda before=before: act("schema_rollback", version=before - 1, note="Back")  # noqa: E731
        published, restored = at_once(app, publishing_of(draft), restore)
        outcomes[tuple(done(published, restored))] += 1
        # Nothing keeps the restore from being done before or after.
        assert label(restored["document"]) == earlier
        if isinstance(published, Exception):
            assert list(published.error_dict) == ["revision"]
            assert label(act("schema_draft_show")["document"]) == mark
            act("schema_draft_delete")
        else:
            assert label(published["document"]) == mark and drafts.current() is None
        assert versions.newest().version == before + sum(done(published, restored))
    report(outcomes)


def test_a_publish_and_edits(app: Any, rounds: list[str]) -> None:
    outcomes = Counter[Any]()
    for mark in rounds:
        draft = drafted(mark)

        def edit(text: str, draft: Raw = draft) -> Raw:
            document = changed(draft["document"], "data_notes", label=text)
            saved: Raw = act("schema_draft_update", revision=draft["revision"], document=document)
            return saved

        one, two = f"{mark}, one", f"{mark}, two"
        results = at_once(
            app,
            publishing_of(draft),
            lambda edit=edit, one=one: edit(one),
            lambda edit=edit, two=two: edit(two),
            lambda: act("schema_draft_create"),
        )
        published, *edits, _begun = done(*results)
        outcomes[published, tuple(edits), _begun] += 1
        # Each of them was about the one revision.
        assert sum([published, *edits]) == 1
        state = drafts.current()
        if published:
            assert current_label() == mark
            assert state is None or label(state.document) == mark
        else:
            assert state is not None and label(state.document) == (one if edits[0] else two)
        if state is not None:
            act("schema_draft_delete")
    report(outcomes)


def test_a_publish_and_a_change_of_an_organizations_type(app: Any, rounds: list[str]) -> None:
    user = factories.Sysadmin()["name"]
    organization = factories.Organization(partner_type=TYPES[0])["id"]
    outcomes = Counter[Any]()

    def change(to: str) -> Any:
        return tk.get_action("organization_patch")({"user": user}, {"id": organization, "partner_type": to})

    for _mark in rounds:
        draft = act("schema_draft_create")
        document = {**draft["document"], "partner_types": draft["document"]["partner_types"][:1]}
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        published, patched = at_once(app, publishing_of(draft), lambda: change(TYPES[1]))
        outcomes[tuple(done(published, patched))] += 1
        assert len(published["document"]["partner_types"]) == 1
        if isinstance(patched, Exception):
            assert list(patched.error_dict) == ["partner_type"]
        model.Session.expire_all()
        stored = model.Group.get(organization).extras["partner_type"]
        assert stored == TYPES[isinstance(patched, dict)]
        act("schema_rollback", version=published["version"] - 1, note="Back")
        if stored == TYPES[1]:
            change(TYPES[0])
    report(outcomes)


# What else is about the draft's one revision: it is done, or the draft is published.
RIVALS = {
    "undo": lambda revision: act("schema_draft_undo", revision=revision),
    "rebase": lambda revision: act("schema_draft_rebase", revision=revision),
    "discard": lambda _revision: act("schema_draft_delete"),
}


@pytest.mark.parametrize("rival", RIVALS)
def test_a_publish_and_what_else_is_done_with_the_draft(app: Any, rounds: list[str], rival: str) -> None:
    outcomes = Counter[Any]()
    for mark in rounds:
        draft, before = drafted(mark), current_label()
        published, other = done(
            *at_once(app, publishing_of(draft), lambda draft=draft: RIVALS[rival](draft["revision"]))
        )
        outcomes[published, other] += 1
        assert published is not other
        assert current_label() == (mark if published else before)
        state = drafts.current()
        if other and rival != "discard":
            assert state is not None and state.revision == draft["revision"] + 1
            act("schema_draft_delete")
        else:
            assert state is None
    report(outcomes)


def test_two_drafts_are_not_begun(app: Any, rounds: list[str]) -> None:
    for _mark in rounds:
        results = at_once(app, *[lambda: act("schema_draft_create")] * 3)
        assert sorted(done(*results)) == [False, False, True]
        refused = next(each for each in results if isinstance(each, Exception))
        assert list(refused.error_dict) == ["base_version"]
        act("schema_draft_delete")


def test_the_first_publish_of_a_portal_happens_once(app: Any) -> None:
    draft = drafted("First")
    results = at_once(app, *[publishing_of(draft)] * 3)
    assert sorted(done(*results)) == [False, False, True]
    assert [each["version"] for each in act("schema_version_list")] == [2, 1]


def test_who_waits_too_long_for_the_draft_is_asked_to_try_again(app: Any, monkeypatch: Any) -> None:
    draft = drafted("Waiting")
    publish = publishing_of(draft)
    monkeypatch.setattr(locks, "PATIENCE", "200ms")
    with Elsewhere() as elsewhere:
        elsewhere.connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({locks.DRAFT_KEY})"))
        waiting = (publish, *(lambda name=name: RIVALS[name](draft["revision"]) for name in RIVALS))
        for each in at_once(app, *waiting):
            assert "Try again" in each.error_dict["document"][0]
        elsewhere.end()
    assert label(publish()["document"]) == "Waiting"


def test_a_publish_that_meets_a_held_record_is_refused(app: Any, monkeypatch: Any) -> None:
    """A repair within a publish waits for whoever changes a record past our locks."""
    dataset = factories.Dataset(department="Parks", license_id="cc-by")["id"]
    names = {"department": "citation", "citation": "department"}
    document = current_document()
    for field, name in names.items():
        document = changed(document, field, field_name=name, previous_names=[field])
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    publish = lambda: act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)  # noqa: E731
    monkeypatch.setattr(runner, "PATIENCE", "200ms")
    with Elsewhere() as elsewhere:
        elsewhere.connection.execute(sa.text("SELECT 1 FROM package WHERE id = :id FOR UPDATE"), {"id": dataset})
        (refused,) = at_once(app, publish)
        assert "Try again" in refused.error_dict["document"][0]
        elsewhere.end()
    assert act("schema_show")["version"] == 1
    assert publish()["version"] == 2
