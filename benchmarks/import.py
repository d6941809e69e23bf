"""How fast the import is: against a loop of package_create over the same kind of records.

    .portal/venv/bin/python benchmarks/import.py [--records 200] [--rounds 5]

Each round brings new records into one database three times, each in a process of its own:
by a loop of package_create on stock CKAN with ckanext-scheming and -spatial, by the same
loop on ours, and by our import. The clock starts when CKAN is loaded. Everything is under
.portal/bench.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import program
import records
from ground.steps import StepFailed, say, step
from portals import BENCH, Portal, both

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.schema_registry import versions

LEAST_RATIO = 1.5
TIMES: dict[str, list[float]] = {"stock loop": [], "our loop": [], "import": []}


def written(path: Path, first: int, count: int, snapshot: Snapshot) -> Path:
    """A file of new records, all of them right by the schema, which package_create asks for.

    :param first: the number of the first record
    """
    terms = records.terms(snapshot)
    lines = []
    for number in range(first, first + count):
        record = records.dataset(number, terms)
        if record["license_id"] == "notspecified":
            record["license_id"] = "cc-by"
        lines.append(json.dumps(record) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def compare(count: int, rounds: int) -> None:
    """Make the portals, measure round by round, and print the result."""
    snapshot = versions.current()
    with both(snapshot) as (stock, ours):
        with step(f"Make {len(records.ORGANIZATIONS)} partners"):
            path = BENCH.folder / "records.jsonl"
            path.write_text("".join(json.dumps(each) + "\n" for each in records.organizations()))
            timed(ours, "organizations", path)
        ways = {
            "stock loop": (stock, "loop"), "our loop": (ours, "loop"), "import": (ours, "import"),
        }  # fmt: skip
        first = 1
        for number in range(rounds):
            with step(f"Round {number + 1} of {rounds}, {count} records in each way"):
                turns = list(ways)
                for name in turns[number % 3 :] + turns[: number % 3]:
                    portal, way = ways[name]
                    TIMES[name].append(timed(portal, way, written(path, first, count, snapshot)))
                    first += count
    say(table(count))


def timed(portal: Portal, way: str, path: Path) -> float:
    """Bring a file into a portal in a process of its own.

    :returns: the seconds that it took once CKAN was loaded
    :raises StepFailed: when not every record came in
    """
    command = [sys.executable, __file__, f"--{way}", str(path)]
    environment = {**os.environ, **portal.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise StepFailed(f"{way} on {portal.name}", done.stderr[-2000:], "see the lines above")
    return float(done.stdout.split()[-1])


def table(count: int) -> str:
    """The result for people, as Markdown."""
    imported = TIMES["import"]
    lines = [
        "",
        f"| {count} records | seconds | records a second | the import is faster by"
        " | lowest to highest | aim |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, seconds in TIMES.items():
        ratios = [loop / ours for loop, ours in zip(seconds, imported)]
        ratio = median(seconds) / median(imported)
        told = (
            f"{ratio:.2f} | {min(ratios):.2f} to {max(ratios):.2f}"
            f" | {'kept' if ratio >= LEAST_RATIO else 'missed'}"
        )
        middle = median(seconds)
        lines.append(
            f"| {name} | {middle:.1f} | {count / middle:.0f} | {' |  | ' if name == 'import' else told} |"
        )
    return "\n".join([*lines, EXPLAINED.format(rounds=len(imported), ratio=LEAST_RATIO)])


EXPLAINED = """
Medians of {rounds} rounds. Stock and our loop call package_create for each record, as a script
would. Aim: the import is at least {ratio} times as fast as either."""


def by_loop(path: Path) -> None:
    """What a script would do."""
    import ckan.plugins.toolkit as tk

    for record, context in _each(path):
        tk.get_action("package_create")(context, record)


def by_import(path: Path) -> None:
    """What ``ckan civicswitchboard import`` does."""
    from ckanext.civicswitchboard.importer.run import Import

    report = Import(path).run()
    if report.counts["created"] != len(path.read_text().splitlines()):
        sys.exit("\n".join(report.lines()))


def organizations(path: Path) -> None:
    """The owners that the records name."""
    import ckan.plugins.toolkit as tk

    for record, context in _each(path):
        tk.get_action("organization_create")(context, record)


def _each(path: Path) -> Iterable[tuple[Any, Any]]:
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line), {"user": user, "ignore_auth": True}


WAYS: dict[str, Callable[[Path], None]] = {
    "loop": by_loop, "import": by_import, "organizations": organizations,
}  # fmt: skip


def inside(way: str, path: Path) -> None:
    """Be the process that does the work, and print its seconds."""
    from ckan.cli.cli import CtxObject

    CtxObject(os.environ["CKAN_INI"])
    started = time.perf_counter()
    WAYS[way](path)
    print(time.perf_counter() - started)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=200, help="records in each way and round")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    for way in WAYS:
        parser.add_argument(f"--{way}", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for way in WAYS:
        if path := getattr(options, way):
            inside(way, path)
            return 0
    return program.measured(compare, max(options.records, 1), max(options.rounds, 1))


if __name__ == "__main__":
    sys.exit(main())
