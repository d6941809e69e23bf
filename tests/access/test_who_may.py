"""Who may do what: every action and page of the extension, over HTTP, against each kind of person: known by a token, by
a cookie, or not at all.

An action or a page without an entry in the table fails here.
"""
from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act
from support.people import KINDS, PASSWORD, People, enter_people

from ckanext.civicswitchboard.logic.action import get_actions
from ckanext.civicswitchboard.logic.auth import get_auth_functions
from ckanext.civicswitchboard.model.schema_versions import THE_ONE, Draft

pytestmark = [pytest.mark.usefixtures("clean_portal")]

OURS = "civicswitchboard_"
PUBLIC = set(KINDS)
LOGGED_IN = PUBLIC - {"anonymous"}
SUGGESTS = LOGGED_IN - {"user"}
DRAFTS = {"editor", "admin", "sysadmin"}
PUBLISHES = {"admin", "sysadmin"}
# Whose library the datasets are of.
EDITS = {"publisher", "sysadmin"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Action:
    """Who may call an action, and with what it is called here; ``{file}`` stands for the id of a file of the dataset
    ``open``, ``{new}`` for a name that is none yet, ``{dataset}`` and the like for one that may be deleted."""

    who: set[str]
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Who may read a page, and send its form.

    :ivar path: where it is below the shared schema's pages; ``{suggestion}`` stands for the id of the publisher's
    :ivar below: where it is instead
    :ivar form: what is sent: nothing that would change anything
    """

    path: str
    reads: set[str]
    sends: set[str] = field(default_factory=set)
    form: dict[str, str] = field(default_factory=dict)
    below: str = "/metadata-schema"


NUMBERS = itertools.count()
NOTE = {"note": "x"}
BESIDE = {"dataset_id": "open", "item_id": "other"}
REPAIR = {"kind": "set_default", "params": {"field": "nowhere", "value": "x"}}
ACTIONS = {
    "schema_show": Action(PUBLIC),
    "schema_validate": Action(PUBLIC, {"document": {}}),
    "schema_version_list": Action(PUBLIC),
    "schema_diff": Action(DRAFTS, {"from_version": 1, "to_version": "draft"}),
    "schema_impact": Action(DRAFTS, {"version": "draft"}),
    "term_search": Action(PUBLIC, {"vocabulary": "frequency"}),
    "schema_draft_create": Action(DRAFTS),
    "schema_draft_show": Action(DRAFTS),
    "schema_draft_update": Action(DRAFTS, {"revision": 1, "document": {}}),
    "schema_draft_undo": Action(DRAFTS, {"revision": 1}),
    "schema_draft_rebase": Action(DRAFTS, {"revision": 1}),
    "schema_publish": Action(PUBLISHES, {"revision": 1, **NOTE}),
    "schema_rollback": Action(PUBLISHES, {"version": 1, **NOTE}),
    "schema_draft_delete": Action(DRAFTS),
    "suggestion_create": Action(SUGGESTS, {"field": "department", "text": "A wish"}),
    "suggestion_list": Action(LOGGED_IN),
    "suggestion_update": Action(DRAFTS, {"id": "nowhere", "state": "taken"}),
    "repair_preview": Action(PUBLISHES, REPAIR),
    "repair_start": Action(PUBLISHES, REPAIR),
    "repair_list": Action(DRAFTS),
    **{
        f"repair_{name}": Action(who, {"id": "nowhere"})
        for name, who in {
            "show": DRAFTS, "pause": PUBLISHES, "resume": PUBLISHES, "cancel": PUBLISHES, "undo": PUBLISHES
        }.items()
    },
    "partner_type_list": Action(PUBLIC),
    "partner_search": Action(PUBLIC),
    "partner_show": Action(PUBLIC, {"id": "public-library"}),
    "steward_show": Action(PUBLIC),
    "steward_update": Action({"sysadmin"}, {"organization_id": "university-library"}),
    "shelf_show": Action(PUBLIC, {"dataset_id": "open"}),
    "shelf_item_pin": Action(EDITS, BESIDE),
    "shelf_item_hide": Action(EDITS, BESIDE),
    "shelf_item_reset": Action(EDITS, BESIDE),
}
# The same actions on what only some may read.
ON_PRIVATE = {
    "term_search": Action(DRAFTS, {"vocabulary": "frequency", "version": "draft"}),
    "shelf_show": Action(EDITS, {"dataset_id": "closed"}),
    "shelf_item_pin": Action(EDITS, {"dataset_id": "closed", "item_id": "other"}),
    "shelf_item_hide": Action({"sysadmin"}, {"dataset_id": "open", "item_id": "elsewheres"}),
    "shelf_item_reset": Action(EDITS, {"dataset_id": "closed", "item_id": "other"}),
}
# Core's actions that ours are chained to; what is sent changes nothing that another call needs.
OPEN, OWN = {"id": "open"}, {"id": "elsewhere", "name": "elsewhere", "title": "Elsewhere"}
IN_GROUP = {"id": "a-group", "object": "open", "object_type": "package", "capacity": "public"}
CORE = {
    "package_show": Action(PUBLIC, OPEN),
    "package_search": Action(PUBLIC),
    "package_create": Action(EDITS, {"name": "new", "owner_org": "public-library"}),
    "package_update": Action(EDITS, {**OPEN, "title": ""}),
    "package_patch": Action(EDITS, {**OPEN, "title": ""}),
    "package_revise": Action(EDITS, {"match": {"name": "open"}, "update": {"title": ""}}),
    "package_resource_reorder": Action(EDITS, {**OPEN, "order": []}),
    "resource_create": Action(EDITS, {"package_id": "open"}),
    "resource_update": Action(EDITS, {"id": "{file}"}),
    "resource_patch": Action(EDITS, {"id": "{file}"}),
    "resource_delete": Action(EDITS, {"id": "{file}"}),
    "organization_show": Action(PUBLIC, {"id": "elsewhere"}),
    "organization_list": Action(PUBLIC),
    # As CKAN's own option has it where it is left alone.
    "organization_create": Action(LOGGED_IN, {"name": "{new}", "title": "New"}),
    "organization_update": Action({"elsewhere", "sysadmin"}, OWN),
    "organization_patch": Action({"elsewhere", "sysadmin"}, OWN),
    "group_show": Action(PUBLIC, {"id": "a-group"}),
    "group_list": Action(PUBLIC),
    "package_delete": Action(EDITS, {"id": "{dataset}"}),
    "dataset_purge": Action({"sysadmin"}, {"id": "{dataset}"}),
    "package_owner_org_update": Action({"sysadmin"}, {**OPEN, "organization_id": "public-library"}),
    "member_create": Action({"sysadmin"}, IN_GROUP),
    "member_delete": Action({"sysadmin"}, IN_GROUP),
    "organization_delete": Action({"elsewhere", "sysadmin"}, {"id": "{organization}"}),
    "organization_purge": Action({"sysadmin"}, {"id": "{organization}"}),
    "group_create": Action(LOGGED_IN, {"name": "{new}", "title": "New"}),
    "group_update": Action({"sysadmin"}, {"id": "a-group", "name": "a-group", "title": "A group"}),
    "group_delete": Action({"sysadmin"}, {"id": "{group}"}),
    "group_purge": Action({"sysadmin"}, {"id": "{group}"}),
    "tag_delete": Action({"sysadmin"}, {"id": "{tag}", "vocabulary_id": "words"}),
}
CORE_ON_PRIVATE = {
    name: Action(EDITS, {"id": "closed"}) for name in ("package_show", "package_update", "package_patch")
}
VERSIONS, SUGGESTIONS = "civicswitchboard_versions", "civicswitchboard_suggestions"
EDITOR, TERMS = "civicswitchboard_editor", "civicswitchboard_draft_terms"
PAGES = {
    "civicswitchboard_metadata_schema.show": Page("", PUBLIC),
    "civicswitchboard_metadata_schema.download_yaml": Page("/schema.yaml", PUBLIC),
    "civicswitchboard_metadata_schema.download_json": Page("/schema.json", PUBLIC),
    "civicswitchboard_metadata_schema.download_csv": Page("/fields.csv", PUBLIC),
    "civicswitchboard_login.state": Page("/logged-in", LOGGED_IN),
    f"{VERSIONS}.index": Page("/versions", PUBLIC),
    f"{VERSIONS}.show": Page("/versions/1", PUBLIC),
    f"{VERSIONS}.compare": Page("/versions/compare?from=1&to=1", PUBLIC),
    f"{VERSIONS}.restore": Page("/versions/1/restore", PUBLISHES, PUBLISHES, {"note": ""}),
    f"{VERSIONS}.review": Page("/review", DRAFTS, PUBLISHES, {"revision": "1", "note": ""}),
    f"{SUGGESTIONS}.index": Page("/suggestions", LOGGED_IN),
    f"{SUGGESTIONS}.new": Page("/suggestions/new?field=department", SUGGESTS, SUGGESTS, {"text": ""}),
    # What is not theirs is not there for them.
    f"{SUGGESTIONS}.show": Page("/suggestions/{suggestion}", DRAFTS | {"publisher"}, DRAFTS, {"state": ""}),
    f"{SUGGESTIONS}.dismiss_news": Page("/form-news", NOBODY, LOGGED_IN, {"version": "1"}),
    "civicswitchboard_downloads.profile": Page("/versions/1/profile", PUBLIC),
    "civicswitchboard_downloads.profile_csv": Page("/versions/1/profile.csv", PUBLIC),
    "civicswitchboard_downloads.concept": Page("/vocabularies/frequency", PUBLIC),
    "civicswitchboard_downloads.vocabulary": Page("/vocabularies/frequency.csv", PUBLIC),
    "civicswitchboard_impact.stop": Page("/review/stop", NOBODY, DRAFTS, {"token": ""}),
    "civicswitchboard_repairs.index": Page("/repairs", DRAFTS),
    "civicswitchboard_repairs.new": Page("/repairs/new?kind=set_default", PUBLISHES, PUBLISHES, {"kind": "set_default"}),
    "civicswitchboard_repairs.show": Page("/repairs/{run}", DRAFTS),
    "civicswitchboard_repairs.progress": Page("/repairs/{run}/progress", DRAFTS),
    "civicswitchboard_repairs.left_csv": Page("/repairs/{run}/left.csv", DRAFTS),
    "civicswitchboard_repairs.ask": Page("/repairs/{run}/pause", NOBODY, PUBLISHES),
    f"{TERMS}.crosswalk": Page("/draft/crosswalk", DRAFTS),
    f"{TERMS}.save_crosswalk": Page("/draft/crosswalk", NOBODY, DRAFTS),
    f"{TERMS}.partner_types": Page("/draft/partner-types", DRAFTS),
    f"{TERMS}.edit_partner_type": Page("/draft/partner-types", NOBODY, DRAFTS),
    f"{TERMS}.translations": Page("/draft/translations", DRAFTS),
    f"{TERMS}.save_translations": Page("/draft/translations", NOBODY, DRAFTS),
    f"{TERMS}.vocabularies": Page("/draft/vocabularies", DRAFTS),
    f"{TERMS}.add": Page("/draft/vocabularies", NOBODY, DRAFTS),
    f"{TERMS}.take_new": Page("/draft/vocabularies-from-a-list", DRAFTS, DRAFTS),
    f"{TERMS}.vocabulary": Page("/draft/vocabularies/frequency", DRAFTS),
    f"{TERMS}.edit": Page("/draft/vocabularies/frequency", NOBODY, DRAFTS),
    f"{TERMS}.take_into": Page("/draft/vocabularies/frequency/list", DRAFTS, DRAFTS),
    f"{TERMS}.download_jsonld": Page("/draft/vocabularies/frequency/skos.jsonld", DRAFTS),
    f"{TERMS}.download_turtle": Page("/draft/vocabularies/frequency/skos.ttl", DRAFTS),
    f"{TERMS}.download_csv": Page("/draft/vocabularies/frequency/terms.csv", DRAFTS),
    f"{EDITOR}.index": Page("/draft", DRAFTS),
    f"{EDITOR}.organization": Page("/draft/organization", DRAFTS),
    f"{EDITOR}.status": Page("/draft/status", DRAFTS),
    f"{EDITOR}.preview": Page("/draft/preview", DRAFTS),
    f"{EDITOR}.previewed": Page("/draft/preview/draft/form", DRAFTS),
    f"{EDITOR}.field": Page("/draft/fields/dataset/department", DRAFTS, DRAFTS),
    f"{EDITOR}.records": Page("/draft/fields/dataset/department/records", DRAFTS),
    f"{EDITOR}.part_records": Page("/draft/fields/resource/dictionary/parts/label/records", DRAFTS),
    f"{TERMS}.records": Page("/draft/vocabularies/frequency/records?term=monthly", DRAFTS),
    f"{EDITOR}.move": Page("/draft/fields/dataset/department/move", DRAFTS, DRAFTS),
    f"{EDITOR}.name": Page("/draft/fields/dataset/department/name", DRAFTS, DRAFTS),
    f"{EDITOR}.state": Page("/draft/fields/dataset/department/state", NOBODY, DRAFTS),
    f"{EDITOR}.try_pattern": Page("/draft/fields/dataset/department/try", NOBODY, DRAFTS),
    f"{EDITOR}.sample": Page("/draft/fields/dataset/department/sample", DRAFTS),
    f"{EDITOR}.part_sample": Page("/draft/fields/resource/dictionary/parts/label/sample", DRAFTS),
    f"{EDITOR}.new_vocabulary": Page("/draft/fields/dataset/department/vocabulary", NOBODY, DRAFTS),
    f"{EDITOR}.part": Page("/draft/fields/resource/dictionary/parts/label", DRAFTS, DRAFTS),
    f"{EDITOR}.part_move": Page("/draft/fields/resource/dictionary/parts/label/move", DRAFTS, DRAFTS),
    f"{EDITOR}.part_state": Page("/draft/fields/resource/dictionary/parts/label/state", NOBODY, DRAFTS),
    f"{EDITOR}.part_try_pattern": Page("/draft/fields/resource/dictionary/parts/label/try", NOBODY, DRAFTS),
    f"{EDITOR}.part_new_vocabulary": Page("/draft/fields/resource/dictionary/parts/label/vocabulary", NOBODY, DRAFTS),
    f"{EDITOR}.add_part": Page("/draft/fields/resource/dictionary/parts", NOBODY, DRAFTS),
    f"{EDITOR}.add": Page("/draft/fields/dataset", NOBODY, DRAFTS),
    f"{EDITOR}.add_section": Page("/draft/sections/dataset", NOBODY, DRAFTS),
    f"{EDITOR}.section": Page("/draft/sections/dataset/who", DRAFTS, DRAFTS),
    f"{EDITOR}.undo": Page("/draft/undo", NOBODY, DRAFTS),
    f"{EDITOR}.bring_up_to_date": Page("/draft/up-to-date", NOBODY, DRAFTS),
    f"{EDITOR}.start": Page("/draft/start", NOBODY, DRAFTS),
    f"{EDITOR}.discard": Page("/draft/discard", DRAFTS, DRAFTS),
    f"{EDITOR}.release": Page("/draft/release", DRAFTS, DRAFTS),
    "civicswitchboard_partners.index": Page("", PUBLIC, below="/partners"),
    "civicswitchboard_extents.places": Page("/any", PUBLIC, below="/extents/places"),
    "civicswitchboard_shelves.choose": Page("/open", NOBODY, EDITS, {"action": ""}, below="/dataset/alongside"),
}


@pytest.fixture
def people() -> People:
    return enter_people()


def routes(app: Any) -> list[Any]:
    """Every route of the extension's pages; a dataset's own form is CKAN's."""
    return [rule for rule in app.flask_app.url_map.iter_rules() if rule.endpoint.startswith("civicswitchboard_")]


def ours(app: Any) -> dict[str, Any]:
    """Those routes by their endpoints."""
    return {rule.endpoint: rule for rule in routes(app)}


class Visitor:
    """Somebody at the portal's address, as a real client is there.

    :ivar way: ``token``, ``cookie`` or ``none``: how the portal knows them
    """

    def __init__(self, app: Any, people: People, kind: str, way: str) -> None:
        self.kind, self.way, self.client = kind, way, app.test_client()
        self.headers = people.headers(kind) if way == "token" else {}
        self._csrf: dict[str, str] = {}
        if way != "token":
            self._look_for_csrf_token()
        if way == "cookie":
            form = {"login": getattr(people, kind), "password": PASSWORD, **self._csrf}
            assert self.client.post("/user/login", data=form, follow_redirects=False).status_code == 302
            self._look_for_csrf_token()
        logged_in = self.client.get("/metadata-schema/logged-in", headers=self.headers).status_code
        assert (logged_in == 200) is (kind != "anonymous")

    def _look_for_csrf_token(self) -> None:
        """Pages have one for forms and for scripts."""
        page = BeautifulSoup(self.client.get("/metadata-schema").body, "html.parser")
        name = page.find("meta", {"name": "csrf_field_name"})["content"]
        self._csrf = {name: page.find("meta", {"name": name})["content"]}

    def gets_through(self, method: str, path: str, form: dict[str, str]) -> bool:
        """Whether a request gets beyond who may send it: 401, 403, or 404 where even that would tell, say no.

        An empty form that is refused for what it lacks (400, 409) got beyond it.
        """
        sent = {"data": {**form, **self._csrf}} if method == "POST" else {}
        response = getattr(self.client, method.lower())(path, headers=self.headers, follow_redirects=False, **sent)
        status = response.status_code
        assert status in (200, 302, 400, 401, 403, 404, 409), (method, path, status)
        assert status != 400 or "CSRF" not in response.body, path
        return status not in (401, 403, 404)

    def passes(self, name: str, data: dict[str, Any]) -> bool:
        """Whether an action gets beyond the question who may call it."""
        headers = {**self.headers, "X-CSRFToken": next(iter(self._csrf.values()), "")}
        answer = self.client.post(f"/api/3/action/{name}", headers=headers, json=data)
        assert answer.status_code in (200, 403, 404, 409), (name, data, answer.status_code, answer.body[:300])
        kind = answer.json.get("error", {}).get("__type", "")
        assert (answer.status_code == 403) is (kind == "Authorization Error"), answer.body[:300]
        return answer.status_code != 403


WAYS = {"token": KINDS[1:], "cookie": KINDS[1:], "none": ("anonymous",)}


@pytest.fixture(params=WAYS)
def visitors(app: Any, people: People, request: Any) -> list[Visitor]:
    """Everybody who can be known in one way."""
    return [Visitor(app, people, kind, request.param) for kind in WAYS[request.param]]


def test_every_action_and_page_is_in_the_table(app: Any) -> None:
    actions = set(get_actions())
    assert actions == {f"{OURS}{name}" for name in ACTIONS} | set(CORE)
    assert {name for name in actions if name.startswith(OURS)} == set(get_auth_functions())
    assert set(ours(app)) == set(PAGES)


@pytest.mark.timeout(600)
def test_each_may_send_what_is_theirs_to_pages_and_nothing_else(
    app: Any, people: People, visitors: list[Visitor]
) -> None:
    """One table and one portal, whatever is asked of it."""
    suggestion = act("suggestion_create", user=people.publisher, field="url", text="A wish")["id"]
    run = a_repair(people.sysadmin)
    some_datasets()
    wrong = {}
    rules = ours(app)
    for endpoint, page in PAGES.items():
        path = page.below + page.path.format(suggestion=suggestion, run=run)
        for method, who in (("GET", page.reads), ("POST", page.sends)):
            if method in rules[endpoint].methods:
                for visitor in visitors:
                    there_is_a_draft(people.editor)
                    if visitor.gets_through(method, path, page.form) is not (visitor.kind in who):
                        wrong[method, path, visitor.kind, visitor.way] = visitor.kind in who
    assert wrong == {}
    assert act("schema_show")["version"] == 1


@pytest.mark.timeout(600)
def test_each_may_call_what_is_theirs_and_nothing_else(people: People, visitors: list[Visitor]) -> None:
    some_datasets()
    factories.Group(name="a-group")
    wrong = {}
    calls = [(f"{OURS}{name}", action) for table in (ACTIONS, ON_PRIVATE) for name, action in table.items()]
    for name, action in [*calls, *CORE.items(), *CORE_ON_PRIVATE.items()]:
        for visitor in visitors:
            there_is_a_draft(people.editor)
            data = filled_in(action.data)
            if visitor.passes(name, data) is not (visitor.kind in action.who):
                wrong[name, str(data), visitor.kind, visitor.way] = visitor.kind in action.who
    assert wrong == {}
    assert act("schema_show")["version"] == 1


def test_a_link_changes_nothing(app: Any, people: People) -> None:
    """What changes something is never done by following an address."""
    admin = Visitor(app, people, "sysadmin", "cookie")
    for name, action in [*((f"{OURS}{name}", action) for name, action in ACTIONS.items()), *CORE.items()]:
        if not getattr(tk.get_action(name), "side_effect_free", False):
            answer = admin.client.get(f"/api/3/action/{name}", query_string=action.data)
            assert answer.status_code == 400 and "POST" in answer.body, name


def there_is_a_draft(user: str) -> None:
    """Who may send what discards it does."""
    if model.Session.get(Draft, THE_ONE, populate_existing=True) is None:
        act("schema_draft_create", user=user)


def a_repair(user: str) -> str:
    """The id of a repair that nobody works on."""
    factories.Dataset(department="Parks", license_id="cc-by")
    params = {"field": "department", "values": {"Parks": "Parks and squares"}}
    return str(act("repair_start", user=user, kind="map_values", params=params)["id"])


def some_datasets() -> None:
    """Of the public library, open and closed, and of somebody else."""
    for name, owner, private in (
        ("open", "public-library", False),
        ("closed", "public-library", True),
        ("other", "elsewhere", False),
        ("elsewheres", "elsewhere", True),
    ):
        factories.Dataset(name=name, owner_org=owner, private=private, license_id="cc-by")


def filled_in(data: dict[str, Any]) -> dict[str, Any]:
    """What is sent, with what stands for something in its place."""
    made = {
        "{file}": a_file,
        "{new}": lambda: f"new-{next(NUMBERS)}",
        "{dataset}": lambda: factories.Dataset(owner_org="public-library", license_id="cc-by")["id"],
        "{organization}": lambda: factories.Organization(
            users=[{"name": "the_elsewhere", "capacity": "admin"}]
        )["id"],
        "{group}": lambda: factories.Group()["id"],
        "{tag}": a_tag,
    }
    return {key: made[value]() if str(value) in made else value for key, value in data.items()}


def a_tag() -> str:
    """The id of a term of one of core's vocabularies."""
    if model.Vocabulary.get("words") is None:
        factories.Vocabulary(name="words")
    name = f"word-{next(NUMBERS)}"
    words = model.Vocabulary.get("words").id
    tag = tk.get_action("tag_create")({"ignore_auth": True}, {"name": name, "vocabulary_id": words})
    return str(tag["id"])


def a_file() -> str:
    """The id of a file of the open dataset: some calls take it away."""
    file = model.Resource
    of_open = model.Session.query(file).join(model.Package).filter(model.Package.name == "open")
    found = of_open.filter(file.state == "active").first()
    return str(found.id if found else factories.Resource(package_id="open")["id"])


def example_of(converter: Any) -> Any:
    """What may stand at a place of an address."""
    if items := getattr(converter, "items", None):
        return sorted(items)[0]
    return 1 if "Integer" in type(converter).__name__ else "x"


def test_no_form_is_taken_that_another_site_could_send(app: Any, people: People) -> None:
    found = {}
    for rule in (each for each in routes(app) if "POST" in each.methods):
        values = {name: example_of(kind) for name, kind in rule._converters.items()}
        path = rule.build(values)[1]
        # A visitor who has been there makes CKAN forget its own protection of the view.
        app.test_client().get(path)
        client = app.test_client()
        with client.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
            session |= {"_user_id": model.User.get(people.sysadmin).id, "_fresh": True}
        answer = client.post(path, data={"note": "x"}, follow_redirects=False)
        found[rule.rule] = (answer.status_code, "CSRF token is missing" in answer.body)
    assert set(found.values()) == {(400, True)} and len(found) >= 5, found


def test_without_a_steward_sysadmins_alone_work_on_it(people: People) -> None:
    tk.get_action("organization_delete")({"ignore_auth": True, "user": people.sysadmin},
                                         {"id": act("steward_show")["organization_id"]})
    with pytest.raises(tk.NotAuthorized):
        act("schema_draft_create", user=people.admin)
    assert act("schema_draft_create", user=people.sysadmin)["revision"] == 1


def test_partner_types_are_published_by_an_administrator_of_the_portal(people: People) -> None:
    document = act("schema_draft_create", user=people.admin)["document"]
    types = [{**t, "label": f"{t['label']} (new)"} for t in document["partner_types"]]
    act("schema_draft_update", user=people.admin, revision=1,
        document={**document, "partner_types": types})
    with pytest.raises(tk.NotAuthorized, match="administrator of the portal"):
        act("schema_publish", user=people.admin, revision=2, note="Clearer")
    assert act("schema_publish", user=people.sysadmin, revision=2, note="Clearer")["version"] == 2
