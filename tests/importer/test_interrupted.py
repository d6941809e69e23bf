"""A run that was ended by force: the next one leaves database and index complete."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysolr
import pytest
from ckan import model
from ckan.common import config
from importer.records import many, record, write_file

from ckanext.civicswitchboard.search_index import batch

pytestmark = pytest.mark.usefixtures("portal")

COUNT = 130


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_file(tmp_path / "many.jsonl", many(COUNT))


@contextmanager
def running(file: Path) -> Iterator[subprocess.Popen[str]]:
    ckan = str(Path(sys.executable).with_name("ckan"))
    command = [ckan, "-c", config["__file__"], "civicswitchboard", "import", str(file)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stored() -> int:
    count = model.Session.query(model.Package).count()
    model.Session.rollback()
    return int(count)


def wait_until_stored(number: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while stored() < number:
        assert process.poll() is None, "the import ended too early"
        assert time.monotonic() < end, "the import does not go on"
        time.sleep(0.005)


# In the first batch before anything is indexed, at its end, and in the second one.
@pytest.mark.parametrize("number", [1, 20, 100, 115])
def test_killed_at_any_point_the_next_run_completes_it(file, found, run_import, number):
    with running(file) as process:
        wait_until_stored(number, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = stored()
    assert number <= before < COUNT
    result = run_import(file)
    assert f"created {COUNT - before}, updated 0, unchanged {before}, refused 0" in result.output
    assert stored() == COUNT
    assert len(found()) == COUNT


def test_interrupted_what_is_done_is_found_and_the_next_run_goes_on(file, found, run_import):
    with running(file) as process:
        wait_until_stored(20, process)
        process.send_signal(signal.SIGINT)
        _out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Run the same command again to continue" in errors
    before = stored()
    assert 20 <= before < COUNT
    assert len(found()) == before
    assert f"created {COUNT - before}, updated 0, unchanged {before}" in run_import(file).output
    assert len(found()) == COUNT


def test_a_change_that_the_index_missed_is_indexed_by_the_next_run(imported, found):
    records = many(3)
    imported(records)
    package = model.Package.by_name("series-0001")
    package.title = "Changed behind the index"
    package.metadata_modified = package.metadata_modified.replace(year=2030)
    model.Session.commit()
    records[1]["title"] = "Changed behind the index"
    assert "unchanged 3" in imported(records)
    assert found()["series-0001"]["title"] == "Changed behind the index"


def test_without_the_search_index_it_says_so_and_the_next_run_completes(
    run_import, found, monkeypatch
):
    nobody_listens = pysolr.Solr("http://127.0.0.1:9/solr/nothing", timeout=5)
    with monkeypatch.context() as patch:
        # The command reads the configuration anew, so its connection is led astray instead.
        patch.setattr(batch, "make_connection", lambda **options: nobody_listens)
        result = run_import([record("one")])
    assert result.exit_code == 1
    assert "The search index isn't responding" in result.output
    assert "Run the same command again" in result.output
    assert "unchanged 1" in run_import([record("one")]).output
    assert set(found()) == {"one"}
