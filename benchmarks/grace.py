"""The law of grace over real records: hard versions are published, and every record saves again.

    .portal/venv/bin/python benchmarks/grace.py RECORDS.jsonl [--rounds 5] [--seed 1]

Imports the records into a portal of its own under .portal/grace. After each round of hard
changes every record is read and sent back by package_update, and patched; what is stored has
to be the same to the byte. The exit code is 1 when it is not, or when a save is refused.
"""
from __future__ import annotations

import argparse
import copy
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import program

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from ground import running, services
from ground.instance import Instance, free_port
from ground.steps import StepFailed

GRACE = Instance("grace")


def main(records: Path, rounds: int, seed: int) -> int:
    """Run the portal and, in a process with its configuration, the rounds."""
    with GRACE.held() as free:
        if not free:
            raise StepFailed("start", "another run is at work here", "wait for its end")
        running.clear(GRACE)
        with running.services_of(GRACE, free_port()):
            running.make_database(GRACE)
            running.ckan(GRACE, "Prepare the shared schema", "civicswitchboard", "init")
            running.ckan(GRACE, "Import the records", "civicswitchboard", "import", str(records))
            command = [sys.executable, __file__, str(records), "--inside"]
            command += ["--rounds", str(rounds), "--seed", str(seed)]
            environment = {**os.environ, **services.ckan_environment(GRACE)}
            return subprocess.run(command, env=environment, check=False).returncode


def rounds_inside(rounds: int, seed: int) -> int:
    """Publish and save, round by round.

    :returns: the exit code
    """
    draw, faults = random.Random(seed), 0
    with program.inside():
        before = stored()
        for number in range(1, rounds + 1):
            version = publish(draw)
            refused = save_all()
            after = stored()
            lost = [name for name, held in before.items() if after.get(name) != held]
            faults += len(refused) + len(lost)
            print(f"Round {number}, version {version}: {len(before)} records, {len(refused)} refused,"
                  f" {len(lost)} changed", flush=True)
            for line in [*refused, *(f"changed: {name}" for name in lost)][:10]:
                print(f"  {line}")
    return 1 if faults else 0


def publish(draw: random.Random) -> int:
    """Publish a hard version; one that records would not survive is refused and drawn anew."""
    import ckan.plugins.toolkit as tk
    from ckan import model
    from support.hard_changes import harder

    from ckanext.civicswitchboard.schema_registry import versions

    def act(action: str, **data: Any) -> Any:
        return tk.get_action(f"civicswitchboard_{action}")({"ignore_auth": True, "user": ""}, data)

    for _attempt in range(50):
        newest = act("schema_show", version=versions.newest().version)["document"]
        document = harder(draw, copy.deepcopy(newest))
        draft = act("schema_draft_create")
        try:
            draft = act("schema_draft_update", revision=draft["revision"], document=document)
            return int(act("schema_publish", revision=draft["revision"], note="Hard")["version"])
        except tk.ValidationError:
            model.Session.rollback()
            act("schema_draft_delete")
    raise StepFailed("publish", "no hard version could be published", "try another --seed")


def save_all() -> list[str]:
    """Send every record back as it is read, and patch it.

    :returns: the saves that were refused, each with the reason
    """
    import ckan.plugins.toolkit as tk
    from ckan import model

    refused = []
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for name in stored():
        for action in ("package_update", "package_patch"):
            context = {"user": user, "ignore_auth": True}
            try:
                record = tk.get_action("package_show")({**context}, {"id": name})
                data = record if action == "package_update" else {"id": name, "title": record["title"]}
                tk.get_action(action)({**context, "defer_commit": False}, data)
            except tk.ValidationError as error:
                model.Session.rollback()
                refused.append(f"{action} {name}: {error.error_dict}")
    return refused


def stored() -> dict[str, Any]:
    """What the database holds of every record that the schema describes."""
    from ckan import model

    model.Session.expire_all()
    packages = model.Session.query(model.Package).filter_by(state="active", type="dataset")
    return {
        package.name: copy.deepcopy(
            (
                package.title, package.notes, package.license_id, package.url, dict(package.extras),
                [(r.url, r.name, r.description, r.format, dict(r.extras)) for r in package.resources],
            )
        )
        for package in packages
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        sys.exit(rounds_inside(given.rounds, given.seed))
    sys.exit(program.measured(main, given.records.resolve(), given.rounds, given.seed))
