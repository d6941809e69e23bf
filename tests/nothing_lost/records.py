"""Records in the database, put there row by row, one for each cell."""
from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from ckan import model
from ckan.lib import search
from ckan.logic import index_update_package_dicts, package_show_default_and_custom_schemas
from ckan.tests import factories
from nothing_lost.kinds import Kind

ROLES = ("editor", "admin", "sysadmin")


@dataclass(frozen=True)
class Portal:
    """What all cells share: people, an organization, and what records may be related to.

    :ivar users: an account's name by role
    :ivar headers: a request's headers by role
    :ivar owner: the organization that owns the datasets
    :ivar group: a group that takes them
    :ivar other: a dataset beside them
    """

    users: dict[str, str]
    headers: dict[str, dict[str, str]]
    owner: str
    group: str
    vocabulary: str
    other: str


@dataclass(frozen=True)
class Record:
    """One record's ids.

    :ivar id: the dataset's, or the organization's
    :ivar resources: ids of a dataset's resources, in their order
    """

    id: str
    name: str
    resources: tuple[str, ...] = ()


def enter_portal() -> Portal:
    """Enter what all cells share, into an empty portal."""
    made = {role: (factories.SysadminWithToken if role == "sysadmin" else factories.UserWithToken)() for role in ROLES}
    users = {role: user["name"] for role, user in made.items()}
    members = [{"name": users[role], "capacity": role} for role in ("editor", "admin")]
    owner = factories.Organization(name="the-owner", users=members)["id"]
    group = factories.Group(name="the-group", users=members)["id"]
    vocabulary = factories.Vocabulary(name="the-vocabulary")["id"]
    other = factories.Dataset(name="beside", owner_org=owner, license_id="cc-by")["id"]
    headers = {role: {"Authorization": user["token"]} for role, user in made.items()}
    return Portal(users, headers, owner, group, vocabulary, other)


def enter_dataset(portal: Portal, kind: Kind) -> Record:
    """A dataset of two resources that holds values of a kind; not indexed yet."""
    id_ = str(uuid.uuid4())
    name = f"cell-{id_}"
    package = model.Package(
        id=id_, name=name, title="The title", notes="The description", license_id="cc-by", type="dataset",
        owner_org=portal.owner, state="active", private=False, extras={},
        metadata_created=_time("2015-01-01T00:00:00"), metadata_modified=_time("2016-01-01T00:00:00"),
        creator_user_id=model.User.get(portal.users["editor"]).id,
    )  # fmt: skip
    model.Session.add(package)
    model.Session.add(_member(portal.owner, id_, "organization"))
    resources = [_resource(id_, place, called) for place, called in enumerate(("One", "Two"))]
    if kind.entity == "dataset":
        _put(package, kind)
    if kind.entity == "resource":
        for each in resources:
            _put(each, kind)
    for each in resources:
        model.Session.add(each)
    _relate(portal, package, resources, kind.relation)
    model.Session.commit()
    return Record(id_, name, tuple(each.id for each in resources))


def enter_organization(portal: Portal, kind: Kind) -> Record:
    """An organization that holds values of a kind; the editor and the admin are its members."""
    id_ = str(uuid.uuid4())
    group = model.Group(
        name=f"cell-{id_}", title="The title", description="", type="organization", is_organization=True,
        approval_status="approved",
    )  # fmt: skip
    group.id, group.state, group.image_url = id_, "active", ""
    group.extras = {"partner_type": "public_library"}
    group.created = _time("2015-01-01T00:00:00")
    _put(group, kind)
    model.Session.add(group)
    model.Session.flush()
    for role in ("editor", "admin"):
        user = model.User.get(portal.users[role])
        model.Session.add(_member(id_, user.id, role, "user"))
    if kind.relation == "people":
        for capacity in ("member", "editor"):
            model.Session.add(_member(id_, factories.User()["id"], capacity, "user"))
        model.Session.add(_member(id_, factories.User()["id"], "member", "user", state="deleted"))
    if kind.relation == "dataset":
        package = model.Package(name=f"of-{id_}", title="Of it", owner_org=id_, type="dataset", extras={})
        model.Session.add(package)
        model.Session.flush()
        model.Session.add(_member(id_, package.id, "organization"))
    if kind.relation == "parent":
        model.Session.add(_member(id_, portal.owner, "public", "group"))
    model.Session.commit()
    return Record(id_, f"cell-{id_}")


def index(ids: Sequence[str]) -> None:
    """Put datasets into the search index, by the version that is pinned."""
    for id_ in ids:
        context = {"ignore_auth": True, "model": model, "session": model.Session, "user": ""}
        default, custom = package_show_default_and_custom_schemas(context, id_)
        if custom["type"] != "dataset":
            # As the portal left it that served the type: each extra in a field of its own.
            custom = {**custom, **{each["key"]: each["value"] for each in custom["extras"]}, "extras": []}
        index_update_package_dicts((default, custom), defer_commit=True)
    search.commit()
    model.Session.remove()


def _put(thing: model.Package | model.Resource | model.Group, kind: Kind) -> None:
    for name, value in kind.columns.items():
        column = thing.__table__.columns[name]
        is_time = isinstance(value, str) and column.type.python_type is datetime.datetime
        setattr(thing, name, _time(value) if is_time else value)
    thing.extras = {key: v for key, v in {**(thing.extras or {}), **kind.extras}.items() if _stays(thing, v)}


def _stays(thing: object, value: object) -> bool:
    return value is not None or isinstance(thing, model.Resource)


def _resource(package_id: str, place: int, called: str) -> model.Resource:
    resource = model.Resource(package_id=package_id, url=f"http://data.example.org/{called}.csv", format="CSV")
    resource.id, resource.name, resource.position, resource.state = str(uuid.uuid4()), called, place, "active"
    resource.created = resource.metadata_modified = _time("2015-02-03T00:00:00")
    # What CKAN guesses from the address where it is not sent.
    resource.mimetype = "text/csv"
    resource.extras = {}
    return resource


def _member(
    group: str, thing: str, capacity: str, table: str = "package", state: str = "active"
) -> model.Member:
    # With an id alone the object's empty relation to a group wins.
    return model.Member(
        group=model.Session.get(model.Group, group), table_id=thing, table_name=table, capacity=capacity, state=state
    )


def _relate(portal: Portal, package: model.Package, resources: list[model.Resource], relation: str) -> None:
    add, id_ = model.Session.add, package.id
    if relation == "tags":
        for name in ("Wifi use", "libraries"):
            tag = model.Tag.by_name(name) or model.Tag(name=name)
            add(tag)
            add(model.PackageTag(package, tag, "active"))
    if relation == "vocabulary tag":
        vocabulary = model.Vocabulary.get(portal.vocabulary)
        tag = model.Tag.by_name("controlled", vocab=vocabulary) or model.Tag("controlled", portal.vocabulary)
        add(tag)
        add(model.PackageTag(package, tag, "active"))
    if relation == "group":
        add(_member(portal.group, id_, "public"))
    if relation == "collaborator":
        model.Session.flush()
        user = factories.User()["id"]
        add(model.PackageMember(package_id=id_, user_id=user, capacity="editor", modified=_time("2016-01-01")))
    if relation == "relationship":
        model.Session.flush()
        link = model.PackageRelationship(type="links_to", comment="as they are")
        link.subject, link.object = package, model.Package.get(portal.other)
        add(link)
    if relation == "view":
        model.Session.flush()
        view = {"title": "V", "description": "d", "view_type": "image_view", "order": 0, "config": {"a": 1}}
        add(model.ResourceView(resource_id=resources[0].id, **view))
    if relation == "deleted resource":
        gone = _resource(id_, 2, "Gone")
        gone.state = "deleted"
        add(gone)


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
