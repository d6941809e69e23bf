"""``ckan civicswitchboard partners`` and ``steward``."""
from __future__ import annotations

import pytest
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.fixture
def branch():
    return factories.Organization(name="branch", title="Branch Library")


def run(cli, *words: str):
    return cli.invoke(ckan, ["civicswitchboard", *words])


def test_set_makes_an_organization_a_partner(cli, branch):
    result = run(cli, "partners", "set", "branch", "public_library")
    assert result.exit_code == 0, result.output
    assert "branch is now: Public library" in result.output
    shown = helpers.call_action("organization_show", id="branch")
    assert shown["partner_type"] == "public_library"


def test_set_changes_nothing_else(cli):
    factories.Organization(
        name="rich", description="Hello", roles=["creating_civic_data"],
        extras=[{"key": "odd", "value": "kept"}],
    )
    before = helpers.call_action("organization_show", id="rich")
    run(cli, "partners", "set", "rich", "public_library")
    after = helpers.call_action("organization_show", id="rich")
    assert after == {**before, "partner_type": "public_library"}


def test_none_takes_the_type_away(cli, branch):
    run(cli, "partners", "set", "branch", "public_library")
    assert run(cli, "partners", "set", "branch", "none").exit_code == 0
    assert "no partner type" in run(cli, "partners", "list").output


def test_an_unknown_type_is_refused_with_the_known_ones(cli, branch):
    result = run(cli, "partners", "set", "branch", "libary")
    assert result.exit_code == 1
    assert "There's no partner type 'libary'" in result.output
    assert "public_library" in result.output
    assert not helpers.call_action("organization_show", id="branch").get("partner_type")


@pytest.mark.parametrize(
    "words", [("partners", "set", "nobody", "public_library"), ("steward", "nobody")]
)
def test_an_unknown_organization_is_refused(cli, words):
    result = run(cli, *words)
    assert result.exit_code == 1
    assert "There's no organization 'nobody'" in result.output
    assert "Traceback" not in result.output


def test_a_group_is_no_organization(cli):
    factories.Group(name="topic")
    assert run(cli, "partners", "set", "topic", "public_library").exit_code == 1


def test_list_shows_each_organization_and_what_it_is(cli):
    factories.Organization(name="friends", title="Friends")
    factories.Organization(
        name="branch", title="Branch", partner_type="public_library",
        also_acts_as=["data_intermediary"],
    )
    output = run(cli, "partners", "list").output
    assert (
        "branch   Public library (public_library);"
        " also acts as Civic data intermediary (data_intermediary)"
    ) in output
    assert "friends  no partner type" in output


def test_list_says_when_there_is_none(cli):
    assert "There are no organizations yet." in run(cli, "partners", "list").output


def test_steward_names_who_maintains_the_schema(cli, branch):
    assert run(cli, "steward", "branch").exit_code == 0
    assert helpers.call_action("civicswitchboard_steward_show")["name"] == "branch"
