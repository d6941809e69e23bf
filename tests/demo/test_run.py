"""The seed on the real services, made through the actions that people use."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.lib.search import query_for
from ckan.plugins import toolkit as tk

from civicswitchboard_demo import run
from civicswitchboard_demo.command import seed
from civicswitchboard_demo.content import Content

CONTENT = Content()


def unordered(record: Any, keys: Any) -> dict[str, Any]:
    """Terms of a field come back in the vocabulary's order, whatever order they were given in."""
    chosen = {key: record.get(key) for key in keys}
    return {
        key: sorted(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        for key, value in chosen.items()
    }


def show(action: str, **data_dict: Any) -> Any:
    return tk.get_action(action)({"ignore_auth": True}, data_dict)


@pytest.fixture
def seeded(clean_portal: None, cli: Any) -> Any:
    result = cli.invoke(seed)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.usefixtures("with_request_context")
def test_the_seed_makes_the_demo_and_can_run_again(seeded: Any, cli: Any, app: Any) -> None:
    total = sum(1 for _ in run.steps(CONTENT))
    assert f"created {total}, unchanged 0" in seeded.output
    assert "library_editor" in seeded.output

    for wanted in CONTENT.organizations:
        shown = show("organization_show", id=wanted["name"])
        assert unordered(shown, wanted) == unordered(wanted, wanted)
    for wanted in CONTENT.datasets:
        shown = show("package_show", id=wanted.name)
        simple = {key for key in wanted.record if key not in {"tags", "groups", "owner_org", "private"}}
        assert unordered(shown, simple) == unordered(wanted.record, simple)
        assert shown["organization"]["name"] == wanted.record["owner_org"]
        assert {tag["name"] for tag in shown["tags"]} == {tag["name"] for tag in wanted.record["tags"]}
        assert {group["name"] for group in shown["groups"]} == {g["name"] for g in wanted.record["groups"]}
        assert shown["private"] == wanted.record.get("private", False)
        assert model.User.get(shown["creator_user_id"]).name == wanted.user
        for resource, (given, file) in zip(shown["resources"], wanted.resources, strict=True):
            assert resource["url_type"] == "upload"
            assert int(resource["size"]) == len(file.text.encode())
            assert {key: resource.get(key) for key in given} == given

    public = [each for each in CONTENT.datasets if not each.record.get("private")]
    assert show("package_search", rows=0, include_private=False)["count"] == len(public)
    assert query_for(model.Package).run({"q": "*:*", "rows": 0, "fq": "entity_type:package"})["count"] == 60
    assert show("civicswitchboard_steward_show")["name"] == CONTENT.steward

    dataset = next(each for each in public if each.name == "summer-reading-by-zip")
    resource = show("package_show", id=dataset.name)["resources"][0]
    answer = app.get(f"/dataset/{dataset.name}/resource/{resource['id']}/download/{resource['url'].split('/')[-1]}")
    assert answer.body == dataset.resources[0][1].text

    before = show("package_show", id=dataset.name)["metadata_modified"]
    again = cli.invoke(seed)
    assert again.exit_code == 0, again.output
    assert f"created 0, unchanged {total}" in again.output
    assert show("package_show", id=dataset.name)["metadata_modified"] == before
    check_roles()


def check_roles() -> None:
    for account in CONTENT.accounts:
        user = model.User.get(account["name"])
        assert user.sysadmin == account.get("sysadmin", False)
        assert user.validate_password(run.PASSWORD)
        if "member_of" in account:
            mine = show("organization_list_for_user", id=account["name"], permission="read")
            assert [(each["name"], each["capacity"]) for each in mine] == [(account["member_of"], account["role"])]


@pytest.mark.usefixtures("with_request_context")
def test_a_refused_dataset_is_named_and_leaves_nothing_behind(clean_portal: None) -> None:
    organization, dataset = CONTENT.organizations[1], CONTENT.datasets[0]
    steps = {step.name: step for step in run.steps(CONTENT)}
    run.make(steps[run.ADMIN])
    run.make(steps[organization["name"]])
    with pytest.raises(run.SeedRefused, match=dataset.name):
        run.make(steps[dataset.name])
    assert model.Package.get(dataset.name) is None
