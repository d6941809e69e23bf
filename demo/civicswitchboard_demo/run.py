"""Makes the demo through the actions that people use; what exists by name stays as it is."""
from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from werkzeug.datastructures import FileStorage

from .content import Content, Dataset, File

ADMIN = "portal_admin"
PASSWORD = "civicswitchboard"

Record = dict[str, Any]


class SeedRefused(Exception):
    """An action refused a part of the demo."""


@dataclass(frozen=True)
class Step:
    """One thing to make: an account, an organization, a topic or a dataset."""

    kind: str
    name: str
    make: Callable[[], None]


def missing(content: Content) -> list[Step]:
    """What the portal lacks of the demo, in the order in which it has to be made."""
    there = {
        "account": _names(model.User.name),
        "organization": _names(model.Group.name),
        "topic": _names(model.Group.name),
        "dataset": _names(model.Package.name),
    }
    return [step for step in steps(content) if step.name not in there[step.kind]]


def steps(content: Content) -> Iterator[Step]:
    """The whole demo: the administrator first, who makes what the other accounts work on."""
    accounts = {account["name"]: account for account in content.accounts}
    yield Step("account", ADMIN, partial(_make_account, accounts.pop(ADMIN), []))
    for organization in content.organizations:
        yield Step("organization", organization["name"], partial(_act, "organization_create", organization))
    for group in content.groups:
        yield Step("topic", group["name"], partial(_act, "group_create", group))
    topics = [group["name"] for group in content.groups]
    for name, account in accounts.items():
        yield Step("account", name, partial(_make_account, account, topics))
    for dataset in content.datasets:
        yield Step("dataset", dataset.name, partial(_make_dataset, dataset))


def make(step: Step) -> None:
    """Make one thing, wholly or not at all.

    :raises SeedRefused: with what was refused and why
    """
    try:
        step.make()
    except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound) as error:
        model.Session.rollback()
        why = getattr(error, "error_dict", None) or getattr(error, "message", None) or error
        raise SeedRefused(f"The {step.kind} '{step.name}' was refused: {why}") from error


def name_steward(content: Content) -> None:
    """Name the demo's steward of the shared schema, unless the portal has one."""
    if not tk.get_action("civicswitchboard_steward_show")({"user": ADMIN}, {})["name"]:
        _act("civicswitchboard_steward_update", {"organization_id": content.steward})


def _names(column: Any) -> set[str]:
    return {name for (name,) in model.Session.query(column)}


def _act(action: str, data_dict: Record, user: str = ADMIN, defer_commit: bool = False) -> Any:
    context = {"user": user, "defer_commit": defer_commit}
    return tk.get_action(action)(context, dict(data_dict))


def _make_account(account: Record, topics: list[str]) -> None:
    """An account with its place in an organization, and the right to file datasets under topics."""
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    record = {
        "name": account["name"],
        "fullname": account["display_name"],
        "email": account["email"],
        "password": PASSWORD,
        "sysadmin": account.get("sysadmin", False),
    }
    user_id = _act("user_create", record, site_user, defer_commit=True)["id"]
    roles = dict.fromkeys(topics, "member")
    if "member_of" in account:
        roles[account["member_of"]] = account["role"]
    for group, role in roles.items():
        member = {"id": group, "object": user_id, "object_type": "user", "capacity": role}
        _act("member_create", member, defer_commit=True)
    model.repo.commit()


def _make_dataset(dataset: Dataset) -> None:
    """The record and its files in one transaction: no half-made dataset is ever seen."""
    made = _act("package_create", dataset.record, dataset.user, defer_commit=True)
    resources = [{**resource, "upload": _upload(file)} for resource, file in dataset.resources]
    _act("package_patch", {"id": made["id"], "resources": resources}, dataset.user)


def _upload(file: File) -> FileStorage:
    return FileStorage(io.BytesIO(file.text.encode()), filename=file.name)
