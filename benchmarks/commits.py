"""How long two commits take for the same work, in turn: pages, saves, import, publishing, repairs.

    .portal/venv/bin/python benchmarks/commits.py BASE [CHANGED] [--pairs 9] [--records 300] [--only NAMES]

Each commit gets a checkout and a demo portal of its own under .portal/commits, filled with the
same invented records, and is only asked from outside: over HTTP, and by `bin/portal ckan`.
A pair is one turn of both. A row is a regression when its median ratio is above 1.05 and the
95 % interval of the median excludes 1.00. The exit code is 1 when there is one.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import comb
from pathlib import Path
from statistics import median
from typing import Any

import program
import records
import requests
from ground.environment import HOME, ROOT
from ground.instance import free_port
from ground.steps import StepFailed, run, say, step

from ckanext.civicswitchboard.schema_registry import versions

MOST_RATIO = 1.05
REQUESTS = 6
FOLDER = HOME / "commits"
PAGES = {
    "home": "/",
    "search": "/dataset/?q=library",
    "dataset": "/dataset/{name}",
    "organization": "/organization/county",
    "dataset form": "/dataset/edit/{name}",
    "shared schema": "/metadata-schema",
}


@dataclass
class Checkout:
    """A commit with a running portal of its own."""

    commit: str
    folder: Path
    port: int
    token: str = ""

    def portal(self, *arguments: str) -> str:
        """Run `bin/portal`; what it printed."""
        command = [sys.executable.replace(str(ROOT), str(self.folder)), str(self.folder / "bin" / "portal")]
        done = subprocess.run([*command, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr or done.stdout)[-2000:]
            raise StepFailed(" ".join(arguments), reason, f"look at {self.commit}")
        return done.stdout

    def act(self, action: str, **data: Any) -> Any:
        """Call an action as the portal's administrator."""
        address = f"http://127.0.0.1:{self.port}/api/action/{action}"
        answer = requests.post(address, json=data, headers={"Authorization": self.token}, timeout=120)
        if answer.status_code != 200:
            raise StepFailed(action, answer.text[:2000], f"look at {self.commit}")
        return answer.json()["result"]

    def get(self, path: str) -> None:
        """Ask for a page."""
        address = f"http://127.0.0.1:{self.port}{path}"
        answer = requests.get(address, headers={"Authorization": self.token}, timeout=120)
        if answer.status_code != 200:
            raise StepFailed(path, str(answer.status_code), f"look at {self.commit}")


@contextmanager
def running(commit: str, name: str, filling: Path) -> Iterator[Checkout]:
    """A commit's portal, filled, while the block runs."""
    checkout = Checkout(commit, FOLDER / name, free_port())
    log, advice = FOLDER / "checkouts.log", "name commits of this repository"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not checkout.folder.exists():
        run("clone", ["git", "clone", "--quiet", str(ROOT), str(checkout.folder)], log, advice, {}, ROOT)
    there = ["git", "-C", str(checkout.folder)]
    run("fetch", [*there, "fetch", "--quiet", "origin"], log, advice, {}, ROOT)
    run("check out", [*there, "checkout", "--quiet", "--detach", commit], log, advice, {}, ROOT)
    try:
        with step(f"Start {commit}"):
            command = ["python3", "bin/portal", "up", "--detach", "--port", str(checkout.port)]
            for each in (["python3", "bin/portal", "reset"], command):
                subprocess.run(each, cwd=checkout.folder, capture_output=True, check=True)
        printed = checkout.portal("ckan", "user", "token", "add", "portal_admin", "benchmark")
        checkout.token = printed.strip().splitlines()[-1].strip()
        with step(f"Fill {commit}"):
            checkout.portal("ckan", "civicswitchboard", "import", str(filling))
        yield checkout
    finally:
        stop = ["python3", "bin/portal", "stop"]
        subprocess.run(stop, cwd=checkout.folder, capture_output=True)


def written(path: Path, first: int, count: int) -> Path:
    """A file of invented records, each with what a new record needs."""
    terms = records.terms(versions.current())
    made = [records.dataset(number, terms) for number in range(first, first + count)]
    for record in made:
        record["license_id"] = record["license_id"].replace("notspecified", "cc-by")
    path.write_text("".join(json.dumps(record) + "\n" for record in made), encoding="utf-8")
    return path


def works(names: Sequence[str], importing: int) -> Iterable[tuple[str, Callable[[Checkout, int], None]]]:
    """What is timed: a name, and what one turn does.

    :param names: the datasets that are read and saved
    :param importing: how many records an import brings in
    """
    for page, path in PAGES.items():
        yield page, lambda side, turn, path=path: _each(
            side, turn, names, lambda name: side.get(path.format(name=name))
        )
    yield "package_patch", lambda side, turn: _each(
        side, turn, names, lambda name: side.act("package_patch", id=name, methods=f"{time.time()}")
    )
    yield "package_update", lambda side, turn: _each(side, turn, names, lambda name: _update(side, name))
    yield "publish", _publish
    yield "repair", _repair
    yield "import", lambda side, turn: _import(side, turn, importing)


def _each(side: Checkout, turn: int, names: Sequence[str], act: Callable[[str], None]) -> None:
    for number in range(REQUESTS):
        act(names[(turn * REQUESTS + number) % len(names)])


def _update(side: Checkout, name: str) -> None:
    shown = side.act("package_show", id=name)
    side.act("package_update", **{**shown, "data_notes": f"Updated {time.time()}"})


def _publish(side: Checkout, turn: int) -> None:
    draft = side.act("civicswitchboard_schema_draft_create")
    document, revision = draft["document"], draft["revision"]
    changed = next(field for field in document["dataset"]["fields"] if field["id"] == "methods")
    changed["help_text"] = f"Turn {time.time()}"
    draft = side.act("civicswitchboard_schema_draft_update", revision=revision, document=document)
    side.act("civicswitchboard_schema_publish", revision=draft["revision"], note=f"Turn {turn}")


def _repair(side: Checkout, turn: int) -> None:
    """Give every dataset a value, wait until it is done and indexed, and take it back."""
    params = {"field": "citation", "value": f"Turn {turn}"}
    started = side.act("civicswitchboard_repair_start", kind="set_default", params=params)
    _wait(side, started["id"], {"done"})
    side.act("civicswitchboard_repair_undo", id=started["id"])
    _wait(side, started["id"], {"undone"})


def _wait(side: Checkout, repair: str, states: set[str]) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        shown = side.act("civicswitchboard_repair_show", id=repair)
        if shown["state"] in states and not shown.get("to_index"):
            return
        time.sleep(0.1)
    raise StepFailed("wait for a repair", repair, f"look at {side.commit}")


def _import(side: Checkout, turn: int, count: int) -> None:
    path = written(FOLDER / f"import-{turn}.jsonl", 100_000 + turn * count, count)
    side.portal("ckan", "civicswitchboard", "import", str(path))


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median, from the order of the ratios (binomial, without assumptions)."""
    ordered, number = sorted(ratios), len(ratios)
    outside, place = 0.0, 0
    while place < number // 2 and outside + comb(number, place) / 2**number <= 0.025:
        outside += comb(number, place) / 2**number
        place += 1
    lowest = max(place - 1, 0)
    return ordered[lowest], ordered[number - 1 - lowest]


def resolved(name: str) -> str:
    """The full id of a commit of this repository."""
    done = subprocess.run(["git", "rev-parse", name], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def compare(base: str, changed: str, pairs: int, count: int, importing: int, only: str) -> int:
    """Measure, print the table, and return 1 when there is a regression."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    base, changed = resolved(base), resolved(changed)
    filling = written(FOLDER / "filling.jsonl", 1, count)
    names = [json.loads(line)["name"] for line in filling.read_text(encoding="utf-8").splitlines()]
    rows = []
    with running(base, "base", filling) as before, running(changed, "changed", filling) as after:
        wanted = only.split(",") if only else []
        for name, work in (each for each in works(names, importing) if not only or each[0] in wanted):
            with step(f"Measure {name}"):
                rows.append((name, *_timed(work, before, after, pairs)))
    say("| work | before, s | after, s | ratio | 95 % | |\n| --- | ---: | ---: | ---: | --- | --- |")
    regressions = 0
    for name, first, second in rows:
        ratios = [b / a for a, b in zip(first, second)]
        low, high = interval(ratios)
        slower = median(ratios) > MOST_RATIO and low > 1
        regressions += slower
        say(
            f"| {name} | {median(first):.2f} | {median(second):.2f} | {median(ratios):.2f}"
            f" | {low:.2f} to {high:.2f} | {'**slower**' if slower else ''} |"
        )
    return 1 if regressions else 0


def _timed(
    work: Callable[[Checkout, int], None], before: Checkout, after: Checkout, pairs: int
) -> tuple[list[float], list[float]]:
    times: dict[str, list[float]] = {"before": [], "after": []}
    for turn in range(-1, pairs):
        sides = [("before", before), ("after", after)]
        for name, side in sides if turn % 2 else reversed(sides):
            began = time.perf_counter()
            work(side, turn + 1)
            # The first turn warms up.
            if turn >= 0:
                times[name].append(time.perf_counter() - began)
    return times["before"], times["after"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("changed", nargs="?", default="HEAD")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--records", type=int, default=300, help="how many datasets each portal has")
    parser.add_argument("--importing", type=int, default=60, help="how many records an import brings in")
    parser.add_argument("--only", default="", help="names of rows, by commas")
    given = parser.parse_args()
    sys.exit(program.measured(compare, *vars(given).values()))
