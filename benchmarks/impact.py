"""How long it takes to learn what a draft does to the records, against asking record by record.

    .portal/venv/bin/python benchmarks/impact.py [--datasets 100000] [--files 663000] [--sample 200]

Writes invented records of the shapes that real ones have into a database of its own,
multiplied by SQL, and drafts a document that asks something new of 25 fields. Measures
schema_impact; reads a sample record by record and extrapolates; checks that both find the
same in the sample. Everything is under .portal/bench-impact.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import program

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "impact"))

from ground import running, services
from ground.environment import VENV
from ground.instance import Instance, free_port
from ground.steps import StepFailed, run, say, step

ROOT = Path(__file__).resolve().parents[1]
BENCH = Instance("bench-impact")
BASE = 333
AIM_SECONDS = 3.0
ROUNDS = 5


def measure(datasets: int, files: int, sample: int) -> None:
    """Make the records, measure in a process that has CKAN loaded, and print the result."""
    with BENCH.held() as free:
        if not free:
            raise StepFailed("start", "another benchmark is running here", "wait for its end")
        running.clear(BENCH)
        with running.services_of(BENCH, free_port()):
            running.make_database(BENCH)
            _ckan("prepare our tables", "db", "upgrade", "-p", "civicswitchboard")
            with step(f"Write {datasets} datasets with {files} files"):
                _inside("--fill", str(datasets), "--files", str(files))
            with step("Measure"):
                found = json.loads(_inside("--count", str(sample)).splitlines()[-1])
    say(table(found))


def _ckan(what: str, *arguments: str) -> None:
    command = [VENV / "bin" / "ckan", *arguments]
    environment = services.ckan_environment(BENCH)
    run(what, command, BENCH.logs / "set-up.log", "the log has the reason", environment, ROOT)


def _inside(*arguments: str) -> str:
    environment = {**os.environ, **services.ckan_environment(BENCH)}
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise StepFailed("benchmark", done.stderr[-3000:], "see the lines above")
    return done.stdout


def table(found: dict[str, Any]) -> str:
    """The result for people, as Markdown."""
    seconds, each = found["seconds"], found["per_record"]
    whole = each * found["datasets"]
    return f"""
| {found['datasets']:,} datasets, {found['resources']:,} files, {found['changes']} changes | seconds | ratio |
| --- | ---: | ---: |
| `schema_impact` | {seconds:.1f} | 1 |
| record by record (from {found['sample']}, {each * 1000:.1f} ms each) | {whole:.0f} | {whole / seconds:.0f} |

Median of {ROUNDS} rounds, {found['fastest']:.1f} to {found['slowest']:.1f} s.
Aim: {AIM_SECONDS:.0f} s or less: {'kept' if seconds <= AIM_SECONDS else 'missed'}.
Both agree on the {found['sample']} records of the sample in all {found['changes']} changes."""


def document_of_25_fields(document: dict[str, Any]) -> dict[str, Any]:
    """A draft that asks something new of 25 fields.

    :param document: the current version
    """
    asked: list[dict[str, Any]] = [
        {"enforce": "all"}, {"expectation": "required"}, {"pattern": "[^@]+@example[.]org"},
        {"state": "retired"}, {"expectation": "required", "enforce": "all"},
    ]  # fmt: skip
    fields = [f for f in document["dataset"]["fields"] if f["id"] != "name"]
    files = document["dataset"]["resource_fields"]
    changed = [*fields[:19], *files[:6]]
    more = {id(field): asked[place % len(asked)] for place, field in enumerate(changed)}
    dataset = {
        **document["dataset"],
        "fields": [{**f, **more.get(id(f), {})} for f in document["dataset"]["fields"]],
        "resource_fields": [{**f, **more.get(id(f), {})} for f in files],
    }
    return {**document, "dataset": dataset}


def fill(datasets: int, files: int) -> None:
    """Write the records, without what an earlier run has left."""
    import records
    import sqlalchemy as sa
    from ckan import model
    from writing import remove_all, write

    from ckanext.civicswitchboard.schema_registry import versions

    remove_all()
    terms = records.terms(versions.current())
    owners = {each["name"]: _organization(each) for each in records.organizations()}
    write(_row(records.dataset(number, terms), owners) for number in range(1, BASE + 1))
    session = model.Session
    last = max(datasets // BASE, 0)
    session.execute(sa.text(_COPY_DATASETS), {"last": last, "more": datasets - BASE})
    session.execute(sa.text(_COPY_TAGS))
    written = session.scalar(sa.text("SELECT count(*) FROM resource"))
    session.execute(sa.text(_COPY_FILES), {"files": max(files - written, 0)})
    session.commit()
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


# Some values differ from copy to copy, as they do from record to record.
_COPY_DATASETS = """
    INSERT INTO package (id, name, title, notes, license_id, url, type, owner_org, state, private, extras,
                         metadata_created, metadata_modified)
    SELECT md5(p.id || n)::uuid::text, p.name || '-' || n, p.title || ' ' || n, p.notes, p.license_id,
           p.url, p.type, p.owner_org, p.state, p.private, p.extras ||
           CASE WHEN p.extras ? 'data_steward_email' THEN jsonb_build_object(
             'data_steward_email', 'data' || n * 31 || '@example.org') ELSE '{}' END, now(), now()
    FROM package p CROSS JOIN generate_series(1, :last) n ORDER BY n, p.name LIMIT :more"""
_COPY_TAGS = """
    INSERT INTO package_tag (id, package_id, tag_id, state)
    SELECT md5(c.id || pt.tag_id)::uuid::text, c.id, pt.tag_id, 'active'
    FROM package c JOIN package o ON o.name = regexp_replace(c.name, '-[0-9]+$', '')
    JOIN package_tag pt ON pt.package_id = o.id"""
_COPY_FILES = """
    INSERT INTO resource (id, package_id, url, name, description, format, resource_type, position, state,
                          extras, created, metadata_modified)
    SELECT md5(p.id || r.id || n)::uuid::text, p.id, r.url, r.name, r.description, r.format, r.resource_type,
           n, 'active', r.extras, now(), now()
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM package) p
    CROSS JOIN generate_series(1, 8) n
    JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS most FROM resource) r
      ON r.place = (p.place * 7 + n * 13) % r.most + 1
    ORDER BY n, p.place LIMIT :files"""


def _organization(given: dict[str, Any]) -> str:
    import sqlalchemy as sa
    from ckan import model
    from writing import an_id

    values = {"id": an_id(given["name"]), "name": given["name"], "title": given["title"]}
    asked = (
        "INSERT INTO \"group\""
        " (id, name, title, type, is_organization, state, approval_status, extras)"
        " VALUES (:id, :name, :title, 'organization', true, 'active', 'approved', '{}')"
        " ON CONFLICT DO NOTHING"
    )
    model.Session.execute(sa.text(asked), values)
    return values["id"]


# What core keeps in columns of a file, of what the invented records have.
_COLUMNS = ("url", "name", "format", "description", "resource_type")


def _row(record: dict[str, Any], owners: dict[str, str]) -> Any:
    from writing import Row

    columns = {name: record[name] for name in ("title", "notes", "license_id", "url") if name in record}
    apart = {*columns, "name", "owner_org", "tags", "resources", "extras", "groups"}
    extras = {name: _stored(value) for name, value in record.items() if name not in apart}
    extras |= {each["key"]: each["value"] for each in record["extras"]}
    files = []
    for resource in record["resources"]:
        named = [name for name in _COLUMNS if name in resource]
        held = {name: resource.pop(name) for name in named}
        files.append((held, json.dumps(resource) if resource else None))
    tags = tuple(each["name"] for each in record["tags"])
    return Row(record["name"], owners[record["owner_org"]], columns, extras, tags, tuple(files))


def _stored(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def count(sample: int) -> None:
    """Measure, and print what was found as the last line."""
    import ckan.plugins.toolkit as tk
    import sqlalchemy as sa
    from checker import Checker
    from ckan import model

    from ckanext.civicswitchboard.core.schema.document import dump, parse
    from ckanext.civicswitchboard.impact import Reader, Scope
    from ckanext.civicswitchboard.impact.report import Report
    from ckanext.civicswitchboard.schema_registry import versions

    current = dump(versions.current().document)
    draft = document_of_25_fields(current)
    everything = Reader(all=True)
    rounds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        told = Report.of(parse(draft), Scope(reader=everything)).answer()
        rounds.append(time.perf_counter() - began)
    drawn = sa.text("SELECT id FROM package WHERE type = 'dataset' ORDER BY md5(id) LIMIT :n")
    chosen = [row.id for row in model.Session.execute(drawn, {"n": sample})]
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    began = time.perf_counter()
    shown = []
    checker = Checker(current, draft)
    with versions.pinned(versions.current()):
        for dataset_id in chosen:
            context = {"user": user, "ignore_auth": True, "use_cache": False}
            shown.append(tk.get_action("package_show")(context, {"id": dataset_id}))
    checker.check(shown)
    took = time.perf_counter() - began
    in_sample = Report.of(parse(draft), Scope(reader=everything, only=tuple(chosen))).answer()
    problems = checker.differences(shown, [], in_sample)
    if problems:
        sys.exit("The two do not agree:\n" + "\n".join(problems))
    print(json.dumps({
        "datasets": told["datasets"], "resources": told["resources"], "changes": len(told["changes"]),
        "seconds": median(rounds), "fastest": min(rounds), "slowest": max(rounds),
        "sample": len(chosen), "per_record": took / max(len(chosen), 1),
    }))  # fmt: skip


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--datasets", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=663_000)
    parser.add_argument("--sample", type=int, default=200, help="records to read one by one")
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill or options.count:
        with program.inside():
            fill(options.fill, options.files) if options.fill else count(options.count)
        return 0
    return program.measured(
        measure, max(options.datasets, BASE), max(options.files, 0), max(options.sample, 1)
    )


if __name__ == "__main__":
    sys.exit(main())
