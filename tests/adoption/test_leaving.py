"""``ckan civicswitchboard detach``: stock CKAN runs on what it writes, with the same records."""
from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.common import config
from ckan.tests import factories
from support.editing import changed, current_document, publish

pytestmark = [pytest.mark.usefixtures("clean_portal")]

ODD = {
    "frequency_publishing": "Bi-Annually",
    "geographic_unit": "Block face",
    "temporal_start": "2016-30-09",
    "data_steward_email": "no address",
    "theme": '["technology", "no such theme"]',
    "places": '["Hill", "River"]',
    "collection": "Maps",
    "guid": "kept \u00a0as it is",
    "archive_end_date": "not a date",
}
SPACES = '[{"name": "Main reading room", "capacity": "40"}]'


def make_records() -> None:
    owner = factories.Organization(name="library", partner_type="public_library")
    organization = model.Group.get(owner["id"])
    organization.extras = {**organization.extras, "spaces": SPACES, "motto": "Read"}
    made = factories.Dataset(
        name="wifi", owner_org=owner["id"], license_id="cc-by", tags=[{"name": "wifi"}],
        resources=[{"name": "One", "url": "http://data.example.org/1.csv"}],
    )
    factories.Dataset(name="other", owner_org=owner["id"], license_id="cc-by")
    package = model.Package.get(made["id"])
    package.extras = ODD
    package.resources[0].extras = {"dictionary": [{"column": "id", "label": "Id"}], "weird": "x"}
    package.metadata_modified = datetime.datetime.utcnow()
    model.Package.get("other").license_id = None
    model.Session.commit()
    publish(changed(current_document(), "collection", state="retired"))


def stored() -> dict[str, Any]:
    model.Session.expire_all()
    packages = model.Session.query(model.Package).all()
    found = {
        package.name: {**package.extras, "resources": [dict(r.extras) for r in package.resources]}
        for package in packages
    }
    return json.loads(json.dumps(found), object_hook=_read)


def _read(values: dict[str, Any]) -> dict[str, Any]:
    """Lists that are stored as text as the lists that they are: stock scheming writes them its own way."""
    return {k: json.loads(v) if isinstance(v, str) and v.startswith("[") else v for k, v in values.items()}


def stock_portal(folder: Path, lines: list[str], pages: str = "first") -> dict[str, Any]:
    """What a portal without us sees and saves, in a process of its own on the same services.

    :param pages: ``all`` to look at every record's page and form
    """
    ini = folder / "stock.ini"
    ini.write_text("\n".join(["[app:main]", f"use = config:{config['__file__']}", *lines]) + "\n")
    program = [sys.executable, str(Path(__file__).with_name("stock.py")), str(ini), pages]
    environment = {**os.environ, "CKAN_INI": str(ini)}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("SEEN ")]
    return dict(json.loads(line[5:]))


def test_stock_ckan_goes_on_with_every_value(run: Callable[..., Any], tmp_path: Path) -> None:
    make_records()
    done = run("detach", str(tmp_path / "schemas"))
    assert done.exit_code == 0, done.output
    for line in (
        "dataset: 'license_id' is not required: some records lack it",
        "organization: 'spaces' is edited as the text that stores it",
    ):
        assert f"Attention   {line}" in done.output
    lines = [line for line in done.output.splitlines() if line.startswith(("ckan.plugins =", "scheming."))]
    assert len(lines) == 4
    before = stored()
    seen = stock_portal(tmp_path, lines)
    assert seen["plugins"][:2] == ["scheming_datasets", "scheming_organizations"]
    assert not [name for name in seen["plugins"] if name.startswith("civicswitchboard")]
    assert seen["refused"] == {}
    shown = seen["before"]["wifi"]
    assert shown["theme"] == ["technology", "no such theme"] and shown["guid"] == ODD["guid"]
    assert shown["collection"] == "Maps" and shown["resources"][0]["dictionary"][0]["column"] == "id"
    assert seen["page"] == 200
    for words in ("Collection (no longer offered)", "Block face", "archive_end_date"):
        assert words in seen["form"]
    after = stored()
    assert {name: _filled(record) for name, record in after.items()} == {
        name: _filled(record) for name, record in before.items()
    }
    model.Session.expire_all()
    library = model.Group.get("library")
    assert library.title.endswith("again")
    assert library.extras["spaces"] == SPACES and library.extras["motto"] == "Read"
    assert library.extras["partner_type"] == "public_library"


def _filled(record: dict[str, Any]) -> dict[str, Any]:
    """Stock scheming stores an empty answer as an empty text, or list; ours as none at all."""
    values = {k: sorted(v) if k == "theme" else v for k, v in record.items()}
    return {key: value for key, value in values.items() if value not in ("", [], None)}


def test_a_folder_that_cannot_be_written_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = run("detach", str(tmp_path / "file" / "inside"))
    assert done.exit_code == 1 and "Can't write" in done.output
