"""Versions are published while people read, search and save: what fails, mixes or lags.

    .portal/venv/bin/python benchmarks/publishing.py [--seconds 60] [--pause 1]

Two web processes of two threads, a job worker and a publishing command work on one portal
under .portal/load. Every version carries its number in the labels of many fields. The exit
code is 1 when a request failed, a page was mixed, or one was served by an older version.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import program
from ground import running, services
from ground.instance import Instance, free_port
from ground.steps import StepFailed, say
from load import Load, Seen, marked

LOAD = Instance("load")


def main(seconds: float, pause: float) -> int:
    """Run the portal and the load, and print what was seen."""
    port = free_port()
    with LOAD.held() as free:
        if not free:
            raise StepFailed("start", "another run is at work here", "wait for its end")
        running.clear(LOAD)
        with running.services_of(LOAD, port) as started:
            running.make_database(LOAD)
            running.ckan(LOAD, "Prepare the shared schema", "civicswitchboard", "init")
            running.ckan(LOAD, "Seed partners and datasets", "civicswitchboard", "seed")
            for service in (_web(port), services.worker(LOAD)):
                started[service.name] = services.start(service, LOAD)
            with publisher() as (facts, publish):
                load = Load(f"http://127.0.0.1:{port}", facts["token"], facts["datasets"])
                seen = load.run(seconds, publish, pause)
    say(table(seen))
    for each in [*seen.failed, *seen.mixed, *seen.stale][:20]:
        say(f"  {each}")
    return 1 if seen.failed or seen.mixed or seen.stale else 0


def _web(port: int) -> services.Service:
    service = services.web(LOAD, port)
    command = [service.command[0], "--blocking-threads", "2", *service.command[1:]]
    return dataclasses.replace(service, command=command)


@contextmanager
def publisher() -> Iterator[tuple[Any, Callable[[int], None]]]:
    """A process of its own that publishes: a command of the portal that goes on and on."""
    command = [sys.executable, __file__, "--publish"]
    environment = {**os.environ, **services.ckan_environment(LOAD)}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    say_to, hear = process.stdin, process.stdout

    def publish(number: int) -> None:
        say_to.write(f"{number}\n")
        say_to.flush()
        if hear.readline().strip() != f"done {number}":
            raise StepFailed("publish", f"version {number} was not published", "see the lines above")

    try:
        yield json.loads(hear.readline()), publish
    finally:
        say_to.close()
        process.wait()


def publish_on_demand() -> None:
    """What the publishing process does: a number comes in, a version with it is published."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    out, sys.stdout = sys.stdout, sys.stderr
    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    import ckan.plugins.toolkit as tk
    from ckan import model

    def act(action: str, **data: Any) -> Any:
        return tk.get_action(action)({"ignore_auth": True, "user": "portal_admin"}, data)

    with app._wsgi_app.test_request_context():
        token = act("api_token_create", user="portal_admin", name="load")["token"]
        names = act("package_search", rows=5)["results"]
    print(json.dumps({"token": token, "datasets": [each["name"] for each in names]}), file=out, flush=True)
    for line in sys.stdin:
        number = int(line)
        with app._wsgi_app.test_request_context():
            document = marked(act("civicswitchboard_schema_show")["document"], number)
            draft = act("civicswitchboard_schema_draft_create")
            draft = act("civicswitchboard_schema_draft_update", revision=draft["revision"], document=document)
            act("civicswitchboard_schema_publish", revision=draft["revision"], note=f"Mark {number}")
            model.Session.remove()
        print(f"done {number}", file=out, flush=True)


def table(seen: Seen) -> str:
    """The result for people, as Markdown."""
    waited = sorted(seen.waited)
    first = f"{median(waited) * 1000:.0f} ms (at most {waited[-1] * 1000:.0f})" if waited else "–"
    asked = ", ".join(f"{kind} {number}" for kind, number in sorted(seen.requests.items()))
    rows = {
        "versions published": len(seen.published),
        "requests": f"{seen.requests.total()} ({asked})",
        "failed": len(seen.failed),
        "pages with mixed versions": len(seen.mixed),
        "served by an older version": len(seen.stale),
        "first page of a new version after": first,
    }
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1, help="seconds between two publishes")
    parser.add_argument("--publish", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.publish:
        publish_on_demand()
    else:
        sys.exit(program.measured(main, given.seconds, given.pause))
