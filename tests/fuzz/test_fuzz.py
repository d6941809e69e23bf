"""Unexpected input to every action and page: never a 500, never an answer that takes ten seconds.

``bin/test tests/fuzz`` sends some hundred inputs, ``bin/test tests/fuzz --inputs 3000 --seed N`` as many
as are wanted. Half of them change a call that succeeds, as a sysadmin; the score at the end says which
share reached an action's body (`judging.reached` says what that means).
"""
from __future__ import annotations

import time
from random import Random
from typing import Any

import pytest
from access.test_who_may import ours
from ckan import model
from fuzz.calls import Call, Portal, actions, call_of, page_calls
from fuzz.inputs import Sent, mutated, odd, unchanged
from fuzz.judging import SCORE, Fault, Watch, fault, grouped, watching
from fuzz.known import KNOWN
from support.people import enter_people

from ckanext.civicswitchboard.logic.action import get_actions

pytestmark = [pytest.mark.usefixtures("clean_portal"), pytest.mark.timeout(1800)]


class Client:
    """A sysadmin, known by a token, who sends inputs one after the other."""

    def __init__(self, app: Any, portal: Portal, watch: Watch) -> None:
        self.app, self.watch = app, watch
        self.token = portal.people.headers("sysadmin")

    def send(self, sent: Sent) -> tuple[int, float, str]:
        """Send an input.

        :returns: the status, how many seconds it took, and the answer
        """
        self.watch.begin()
        client, began = self.app.test_client(use_cookies=False), time.monotonic()
        headers = [*self.token.items(), *((name, value) for name, value in sent.headers)]
        status, body = 500, ""
        try:
            answer = client.open(sent.path, method=sent.method, data=sent.content, headers=headers,
                                 content_type=sent.content_type or None, follow_redirects=False)
            status, body = answer.status_code, answer.get_data().decode("utf-8", "replace")
        except Exception as error:
            self.watch.errors.append(error)
        finally:
            model.Session.remove()
        return status, time.monotonic() - began, body


@pytest.fixture
def portal() -> Portal:
    return Portal(enter_people())


def test_there_is_a_call_of_every_action_and_page(app: Any) -> None:
    assert set(actions()) == set(get_actions())
    methods = {endpoint: rule.methods for endpoint, rule in ours(app).items()}
    assert {name.partition(" ")[2] for name in page_calls(methods)} >= set(methods)


def makers(app: Any) -> dict[str, Any]:
    """What makes a call that succeeds, by what it calls."""
    methods = {endpoint: rule.methods for endpoint, rule in ours(app).items()}
    return {**{name: lambda portal, name=name: call_of(name, portal) for name in actions()}, **page_calls(methods)}


def test_the_calls_that_are_changed_succeed(app: Any, portal: Portal, monkeypatch: Any) -> None:
    wrong = {}
    with watching(monkeypatch) as watch:
        client = Client(app, portal, watch)
        for name, make in makers(app).items():
            portal.heal()
            call: Call = make(portal)
            sent = unchanged(call)
            status, _seconds, body = client.send(sent)
            if status >= 400 or (call.is_action and call.target not in watch.entered):
                wrong[name] = (status, str(sent)[:300], [str(each) for each in watch.errors], body[:300] if call.is_action else "")
    assert not wrong, "\n".join(f"{name}: {said}" for name, said in wrong.items())


def test_the_known_faults_of_ckan_are_there_still(app: Any, portal: Portal, monkeypatch: Any) -> None:
    with watching(monkeypatch) as watch:
        client = Client(app, portal, watch)
        for signature, (name, call) in KNOWN.items():
            sent = unchanged(call)
            status, seconds, body = client.send(sent)
            found = fault(sent, status, seconds, watch.errors, body)
            assert found is not None and found.signature == signature, (name, found)


def test_unexpected_input_is_refused_in_words(
    app: Any, portal: Portal, monkeypatch: Any, inputs_of_round: tuple[int, int, int]
) -> None:
    seed, number, wanted = inputs_of_round
    random, made = Random(f"{seed}:{number}"), makers(app)
    of_actions = [name for name in made if name in actions()]
    of_pages = [name for name in made if name not in actions()]
    faults: list[Fault] = []
    with watching(monkeypatch) as watch:
        client = Client(app, portal, watch)
        for turn in range(wanted):
            call: Call = made[random.choice(of_actions if random.random() < 0.6 else of_pages)](portal)
            sent = mutated(random, call) if turn % 2 else odd(random, call)
            status, seconds, body = client.send(sent)
            SCORE.count(sent, call.is_action, status, seconds, watch.entered)
            found = fault(sent, status, seconds, watch.errors, body)
            if found and found.signature in KNOWN:
                SCORE.known[KNOWN[found.signature][0]] += 1
            elif found:
                faults.append(found)
                print(f"{found.signature}\n    {found.error}\n    {found.sent}", flush=True)
            portal.heal()
    SCORE.faults += faults
    assert not faults, f"--seed {seed}, round {number}\n{grouped(faults)}"
