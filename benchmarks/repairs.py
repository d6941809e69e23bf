"""How fast a rename goes through the records, what savers feel of it, what a killed worker leaves.

    .portal/venv/bin/python benchmarks/repairs.py [--datasets 80000] [--rounds 8] [--kills 50]

One portal of records of real shapes, copied by SQL. One process does package_patch all the time;
in each round it is left alone for a while, then a field is renamed beside it, published together
with its repair. The saves alone and the saves beside a rename of all rounds are compared: those
of one round are too few for their 95th percentile. Then the changed datasets are indexed by us
and, the same ones, by what `ckan search-index rebuild` does; and a worker is killed again and
again at random. Everything is under .portal/bench.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import chain, cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import program
import psycopg2
import records
from data import copy_records
from ground.steps import StepFailed, say, step
from portals import BENCH, Portal, both, database_url

from ckanext.civicswitchboard.schema_registry import versions

BASE = 333
INDEXED = 1500
# Seconds.
ALONE = 10
FIELD, NEW = "data_steward_email", "contact_email"


def measure(datasets: int, rounds: int, kills: int) -> None:
    """Make the portal, measure, and print the result."""
    snapshot = versions.current()
    with both(snapshot) as (_stock, ours):
        with step(f"Make {BASE} datasets of real shapes and their copies"):
            terms = records.terms(snapshot)
            for name, made in {
                "organizations": records.organizations(),
                "records": [records.dataset(number, terms) for number in range(1, BASE + 1)],
            }.items():
                path = BENCH.folder / f"{name}.jsonl"
                path.write_text("".join(json.dumps(each) + "\n" for each in made))
                inside_of(ours, name, str(path))
            copy_records(datasets)
        with step(f"Rename {rounds} times, while somebody saves"), begun(ours, "saves") as saving:
            renamed = [_round(ours, number) for number in range(rounds)]
        with step("Index, in both ways"):
            indexed = inside_of(ours, "index")
        with step(f"Kill a worker {kills} times"):
            killed = inside_of(ours, "kills", str(kills))
    say(table(saving, renamed, indexed, killed))


def _round(portal: Portal, number: int) -> dict[str, Any]:
    """A while in which somebody saves alone, and a rename beside them."""
    # A rename leaves the table in the order of ids, in which PostgreSQL finds less room for the next.
    _statement("CLUSTER package USING package_name_key")
    alone = time.time()
    time.sleep(ALONE)
    return {"alone": (alone, time.time()), **inside_of(portal, "rename", str(number))}


def _statement(sql: str) -> None:
    connection = psycopg2.connect(database_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def table(saving: Any, renamed: Any, indexed: Any, killed: Any) -> str:
    """The result for people, as Markdown."""
    rounds = [[_within(saving["saves"], *each[when]) for each in renamed] for when in ("alone", "beside")]
    alone, beside = (list(chain.from_iterable(each)) for each in rounds)
    ratios = sorted(_p95(during) / _p95(before) for before, during in zip(*rounds, strict=True))
    before, during = _p95(alone), _p95(beside)
    middle = median(alone), median(beside)
    rate = median(each["rate"] for each in renamed)
    rows = [
        ("renames", f"{renamed[0]['done']} in {median(each['seconds'] for each in renamed):.1f} s",
         f"{rate:.0f} a second", "60,000 in 15 s: 4,000 a second", rate >= 4000),
        ("package_patch meanwhile, 95th percentile", f"{during * 1000:.0f} ms, alone {before * 1000:.0f} ms",
         f"ratio {during / before:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} by round)", "at most 1.25",
         during / before <= 1.25),
        ("its median", f"{middle[1] * 1000:.0f} ms, alone {middle[0] * 1000:.0f} ms",
         f"ratio {middle[1] / middle[0]:.2f}", "", True),
        ("indexing", f"{indexed['ours']:.0f} a second, rebuild {indexed['core']:.0f}",
         f"ratio {indexed['ours'] / indexed['core']:.2f}", "100 a second, ratio 2",
         indexed["ours"] >= 100 and indexed["ours"] / indexed["core"] >= 2),
        ("killed workers", f"{killed['kills']} kills, {killed['records']} records",
         f"{killed['wrong']} wrong values", "none", killed["wrong"] == 0),
    ]  # fmt: skip
    lines = ["", "| what | measured | | aim | |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {w} | {m} | {r} | {a} | {'kept' if k else 'missed'} |" for w, m, r, a, k in rows]
    told = f"{len(beside)} saves beside {len(renamed)} renames, {len(alone)} alone."
    return "\n".join([*lines, "", told])


def _within(saves: list[tuple[float, float]], first: float, last: float) -> list[float]:
    """How long those saves took that began and ended in a time."""
    return [seconds for began, seconds in saves if first <= began and began + seconds <= last]


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


class begun:
    """A process that saves until the block ends; it yields what it measured then."""

    def __init__(self, portal: Portal, *arguments: str) -> None:
        environment = {**os.environ, **portal.environment}
        command = [sys.executable, __file__, "--inside", *arguments]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.measured: dict[str, Any] = {"saves": []}

    def __enter__(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        self.process.stdout.readline()
        return self.measured

    def __exit__(self, *_error: Any) -> None:
        self.process.send_signal(signal.SIGTERM)
        told, _nothing = self.process.communicate(timeout=60)
        self.measured.update(json.loads(told.splitlines()[-1]))


def inside_of(portal: Portal, *arguments: str) -> dict[str, Any]:
    """Do something in a process of its own with the portal's configuration.

    :returns: what it measured
    """
    environment = {**os.environ, **portal.environment}
    command = [sys.executable, __file__, "--inside", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise StepFailed(arguments[0], done.stderr[-2000:], "see the lines above")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def organizations(path: str) -> dict[str, Any]:
    """The owners that the records name."""
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for line in Path(path).read_text().splitlines():
        tk.get_action("organization_create")({"user": user, "ignore_auth": True}, json.loads(line))
    return {}


def brought_in(path: str) -> dict[str, Any]:
    """The first records."""
    from ckanext.civicswitchboard.importer.run import Import

    return dict(Import(Path(path)).run().counts)


def saves() -> dict[str, Any]:
    """Somebody saves one dataset after the other; a signal ends it."""
    import ckan.plugins.toolkit as tk
    import sqlalchemy as sa
    from ckan import model

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    names = list(model.Session.scalars(sa.text("SELECT name FROM package ORDER BY md5(name) LIMIT 5000")))
    model.Session.remove()
    measured: list[tuple[float, float]] = []
    go_on = [True]
    signal.signal(signal.SIGTERM, lambda *_given: go_on.clear())
    for number, name in enumerate(cycle(names)):
        # A value that was there already would be no save.
        changed = {"id": name, "version": f"{os.getpid()}-{number}"}
        at, began = time.time(), time.perf_counter()
        tk.get_action("package_patch")({"user": user, "ignore_auth": True}, changed)
        model.Session.remove()
        measured.append((at, time.perf_counter() - began))
        if number == 5:
            # The first ones load what later ones have at hand.
            measured.clear()
            print("saving", flush=True)
        if not go_on:
            break
    return {"saves": measured}


def rename(number: str) -> dict[str, Any]:
    """Publish a renamed field with its repair, and do the repair."""
    from ckanext.civicswitchboard.repairs import runner

    runner.enqueue = lambda run_id: True  # type: ignore[assignment]
    runner.catch_up = lambda run_id: False  # type: ignore[assignment]
    run_id = _publish_renamed(f"{NEW}_{number}")
    at, began = time.time(), time.perf_counter()
    runner.work(run_id, turn=600)
    seconds = time.perf_counter() - began
    found = runner.get(run_id)
    assert found is not None and found.state == "done", found
    rate = found.done / seconds
    return {"done": found.done, "seconds": seconds, "rate": rate, "beside": (at, at + seconds)}


def _publish_renamed(name: str) -> str:
    draft = _act("schema_draft_create")
    for field in draft["document"]["dataset"]["fields"]:
        if field["id"] == FIELD:
            field["previous_names"] = [*field.get("previous_names", []), field["field_name"]]
            field["field_name"] = name
    draft = _act("schema_draft_update", revision=draft["revision"], document=draft["document"])
    _act("schema_publish", revision=draft["revision"], note="Benchmark", with_repairs=True)
    return str(_act("repair_list")[0]["id"])


def index() -> dict[str, Any]:
    """The same datasets by our batches and by what core's rebuild does, in turn: so many a second."""
    import sqlalchemy as sa
    from ckan import model
    from ckan.lib import search

    from ckanext.civicswitchboard.repairs import index_updates

    some = sa.text(f"SELECT id FROM package WHERE type = 'dataset' LIMIT {INDEXED}")
    ids = list(model.Session.scalars(some))
    model.Session.remove()
    core, ours = [], []
    for _round in range(3):
        began = time.perf_counter()
        search.rebuild(package_ids=ids, force=True, quiet=True)
        search.commit()
        core.append(len(ids) / (time.perf_counter() - began))
        began = time.perf_counter()
        for first in range(0, len(ids), index_updates.BATCH):
            index_updates.index(ids[first : first + index_updates.BATCH])
        ours.append(len(ids) / (time.perf_counter() - began))
    return {"core": median(core), "ours": median(ours)}


def kills(count: str) -> dict[str, Any]:
    """Kill workers at random; a value that was mapped twice or not at all is wrong."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.civicswitchboard.repairs import runner

    runner.enqueue = lambda run_id: True  # type: ignore[assignment]
    runner.catch_up = lambda run_id: False  # type: ignore[assignment]
    model.Session.execute(sa.text("UPDATE package SET extras = extras || '{\"department\": \"one\"}'"))
    model.Session.commit()
    values = {"one": "two", "two": "three"}
    run_id = _act("repair_start", kind="map_values", params={"field": "department", "values": values})["id"]
    for _time in range(int(count)):
        model.Session.remove()
        process = os.fork()
        if process == 0:
            model.meta.engine.dispose(close=False)
            runner.work(run_id, turn=600)
            os._exit(0)
        time.sleep(random.uniform(0.02, 0.3))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    killed_at = runner.get(run_id)
    assert killed_at is not None
    runner.work(run_id, turn=600)
    found = runner.get(run_id)
    assert found is not None and found.state == "done" and found.done == found.total, found
    wrong = model.Session.scalar(
        sa.text("SELECT count(*) FROM package WHERE type = 'dataset' AND extras ->> 'department' <> 'two'")
    )
    return {"kills": int(count), "records": found.done, "wrong": wrong}


def _act(action: str, **data: Any) -> Any:
    import ckan.plugins.toolkit as tk

    return tk.get_action(f"civicswitchboard_{action}")({"ignore_auth": True, "user": ""}, data)


INSIDE = {
    "organizations": organizations, "records": brought_in, "saves": saves, "rename": rename,
    "index": index, "kills": kills,
}  # fmt: skip


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--datasets", type=int, default=80_000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with program.inside():
            print(json.dumps(INSIDE[options.inside[0]](*options.inside[1:])))
        return 0
    return program.measured(
        measure, max(options.datasets, BASE), max(options.rounds, 1), max(options.kills, 1)
    )


if __name__ == "__main__":
    sys.exit(main())
