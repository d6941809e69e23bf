"""Versions are published while people read, search and save: a short run of benchmarks/publishing.py."""
from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from ckan.tests import factories
from metadata_schema.editing import current_document, publish
from mirakuru import HTTPExecutor

from ckanext.civicswitchboard.metadata_schema import live, publishing

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 12

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


def test_no_request_fails_and_no_page_is_mixed_or_stale(two_processes: str) -> None:
    publishing.enter_first(live.shipped().document)
    user = factories.SysadminWithToken()
    owner = factories.Organization()
    values = {"data_notes": "Notes", "methods": "Counted", "collection": "Maps", "theme": ["health"]}
    datasets = [
        factories.Dataset(license_id="cc-by", owner_org=owner["id"], **values)["name"] for _ in range(3)
    ]
    measured = load()
    seen = measured.Load(two_processes, user["token"], datasets).run(
        SECONDS, lambda number: publish(measured.marked(current_document(), number)), pause=0.5
    )
    assert seen.failed == []
    assert seen.mixed == []
    assert seen.stale == []
    assert seen.first_seen
