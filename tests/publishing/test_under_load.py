"""Versions are published, by a process of the portal and by commands, while people read, search and save: a short run
of benchmarks/publishing.py in which each version also has a job index every dataset again."""
from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from ckan.lib import jobs
from ckan.tests import factories
from mirakuru import HTTPExecutor
from rq.registry import FinishedJobRegistry
from support.editing import changed, current_document, publish

from ckanext.civicswitchboard.publishing import publish as publishing
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.search_index import reindex

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 12
DATASETS = 30

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def load() -> Any:
    spec = spec_from_file_location("load", ROOT / "benchmarks" / "load.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules["load"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def two_processes() -> Iterator[str]:
    """The portal in two web processes of two threads, and a job worker beside them."""

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    programs = Path(sys.executable).parent
    command = [str(programs / "granian"), "--interface", "wsgi", "--workers", "2", "--blocking-threads", "2"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--working-dir", str(ROOT / "bin" / "ground"), "wsgi:application"]
    logs = Path(os.environ["CKAN_INI"]).parent / "logs"
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with (logs / "Load.log").open("w") as out, (logs / "Load worker.log").open("w") as jobs:
        worker = subprocess.Popen(
            [str(programs / "ckan"), "-c", config["__file__"], "jobs", "worker"], stdout=jobs, **quiet
        )
        try:
            with HTTPExecutor(
                command, f"{url}/api/3/action/status_show", method="GET", timeout=90, stdout=out,
                expected_returncode=0, **quiet,
            ):
                yield url
        finally:
            worker.terminate()
            worker.wait()


def by_command(document: Any, folder: Path) -> None:
    """Publish a document as an administrator does at the server: in processes of their own."""
    file = folder / "schema.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    ckan = [str(Path(sys.executable).parent / "ckan"), "-c", config["__file__"], "civicswitchboard", "schema"]
    for arguments in (["import", str(file)], ["publish", "--note", "A test's reason"]):
        done = subprocess.run([*ckan, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "is published." in done.stdout


def indexed_anew(times: int) -> None:
    """Wait until the worker has done as many jobs, and search has every record as it is."""
    done = FinishedJobRegistry(queue=jobs.get_queue())
    deadline = time.monotonic() + 60
    while done.get_job_count(cleanup=False) < times or reindex.behind():
        assert time.monotonic() < deadline, "the index does not follow"
        time.sleep(0.1)
    assert done.get_job_count(cleanup=False) == times


@pytest.mark.usefixtures("clean_redis")
def test_no_request_fails_and_no_page_is_mixed_or_stale(two_processes: str, tmp_path: Path) -> None:
    publishing.enter_first(versions.shipped().document)
    user = factories.SysadminWithToken()
    owner = factories.Organization()
    values = {"data_notes": "Notes", "methods": "Counted", "collection": "Maps", "theme": ["health"]}
    datasets = [
        factories.Dataset(license_id="cc-by", owner_org=owner["id"], **values)["name"] for _ in range(DATASETS)
    ]

    def publish_one(number: int) -> None:
        # Each version makes a facet of a field or takes it back: its job is done under load.
        indexed_anew(number - 1)
        facet = number % 2 == 0
        document = changed(measured.marked(current_document(), number), "collection", facet=facet)
        if facet:
            by_command(document, tmp_path)
        else:
            publish(document)

    measured = load()
    seen = measured.Load(two_processes, user["token"], datasets[:3]).run(SECONDS, publish_one, pause=0.5, least=4)
    assert seen.failed == []
    assert seen.mixed == []
    assert seen.stale == []
    assert seen.first_seen
    indexed_anew(len(seen.published))
