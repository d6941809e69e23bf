"""Two portals over one database: ours, and stock CKAN with ckanext-scheming and -spatial.

Each has a web server with one worker and a search index of its own. Both show the same
fields: the stock one's schema files are written out from our compiled Snapshot.
"""
from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ground import running, services
from ground.environment import ROOT, VENV
from ground.instance import HOST, Instance, free_port
from ground.steps import StepFailed, run, step

from ckanext.civicswitchboard.core.schema.compiler import Snapshot

Field = dict[str, Any]

BENCH = Instance("bench")
SHARED = {
    "ckan.site_id": "bench",
    "ckan.site_title": "Benchmark",
    "ckanext.spatial.search_backend": "solr-spatial-field",
    "ckan.views.default_views": "",
    "ckan.tracking_enabled": "false",
}
OURS = "civicswitchboard civicswitchboard_datasets civicswitchboard_organizations"
STOCK = "scheming_datasets scheming_organizations scheming_nerf_index"
BESIDE = "activity spatial_metadata spatial_query"


@dataclass(frozen=True)
class Portal:
    """One of the two.

    :ivar name: ``stock`` or ``ours``; ours has the index that the instance's Solr has anyway
    :ivar settings: what its configuration says besides the shared
    """

    name: str
    port: int
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes need."""
        return {**services.ckan_environment(BENCH), "CKAN_INI": str(self._ini)}

    @property
    def _ini(self) -> Path:
        return BENCH.folder / f"{self.name}.ini"

    def write_ini(self) -> None:
        """Write its configuration, with the addresses of the running services."""
        parser = RawConfigParser()
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(BENCH.ini)
        settings = dict(parser["app:main"]) | SHARED | self.settings
        settings["use"] = "egg:ckan"
        settings["ckan.site_url"] = self.url
        settings["ckan.webassets.path"] = str(BENCH.folder / f"{self.name}-webassets")
        if self.name == "stock":
            settings["solr_url"] = settings["solr_url"].rpartition("/")[0] + "/stock"
        lines = [f"{key} = {value}" for key, value in settings.items()]
        self._ini.touch(mode=0o600)
        self._ini.write_text("\n".join(["[app:main]", *lines]) + "\n")

    def ckan(self, what: str, *arguments: str) -> None:
        """Run a ckan command with its configuration."""
        log = BENCH.logs / f"{self.name}.log"
        advice = "the log says why; the benchmark makes everything anew when it is run again"
        run(what, [VENV / "bin" / "ckan", *arguments], log, advice, self.environment, ROOT)

    def answer(self, what: str, *arguments: str) -> str:
        """Run a short ckan command with its configuration.

        :returns: the last line that it prints
        """
        environment = {**os.environ, **self.environment}
        command = [VENV / "bin" / "ckan", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode or not done.stdout.strip():
            raise StepFailed(what, done.stderr[-500:], "look into .portal/bench/logs")
        return done.stdout.strip().splitlines()[-1].strip()

    @contextmanager
    def beside(self, what: str, *arguments: str) -> Iterator[None]:
        """Run a ckan command with its configuration while the block runs, and wait for its end."""
        log = BENCH.logs / f"{self.name}.log"
        environment = {**os.environ, **self.environment}
        command = [VENV / "bin" / "ckan", *arguments]
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            yield
            code = process.wait()
        finally:
            process.terminate()
            process.wait()
        if code:
            raise StepFailed(what, f"{self.name}: exit code {code}", "see the log", log)

    def web(self) -> services.Service:
        """Its web server: one worker that answers one request at a time."""
        service = services.web(BENCH, self.port)
        command = list(service.command)
        command[command.index("--workers") + 1] = "1"
        command[1:1] = ["--blocking-threads", "1"]
        return dataclasses.replace(
            service, name=f"Web, {self.name}", command=command, environment=self.environment
        )


@contextmanager
def both(snapshot: Snapshot, anew: bool = True) -> Iterator[tuple[Portal, Portal]]:
    """The stock portal and ours, empty, while the block runs.

    :param anew: without what an earlier run has left
    :raises StepFailed: when another benchmark runs here, or a service does not come up
    """
    with BENCH.held() as free:
        if not free:
            raise StepFailed("start", "another benchmark is running here", "wait for its end")
        running.clear(BENCH)
        if anew:
            _empty_folder()
        files = _write_stock_schemas(snapshot)
        stock = Portal("stock", free_port(), {"ckan.plugins": f"{STOCK} {BESIDE}", **files})
        ours = Portal("ours", free_port(), {"ckan.plugins": f"{OURS} {BESIDE}"})
        _second_index()
        with running.services_of(BENCH, ours.port) as started:
            stock.write_ini()
            ours.write_ini()
            running.make_database(BENCH)
            with step("Prepare ours"):
                ours.ckan("prepare ours", "civicswitchboard", "init")
            for portal in (stock, ours):
                with step(f"Start {portal.name}"):
                    web = portal.web()
                    started[web.name] = services.start(web, BENCH)
            yield stock, ours


def index(portals: tuple[Portal, Portal]) -> None:
    """Have each portal index what its search index lacks, both at the same time."""
    arguments = ("search-index", "rebuild", "--only-missing", "--quiet")
    what = "index the datasets"
    first, second = portals
    with step("Index the datasets, for both portals"), second.beside(what, *arguments):
        first.ckan(what, *arguments)


def database_url() -> str:
    """The database that both portals read."""
    parser = RawConfigParser()
    parser.read(BENCH.ini)
    return parser["app:main"]["sqlalchemy.url"]


def _empty_folder() -> None:
    """All but the lock, which this run holds."""
    for path in BENCH.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def _second_index() -> None:
    """A copy of the index's folder under another name, found by Solr at its start."""
    home = BENCH.folder / "solr"
    services.write_solr_home(home)
    shutil.copytree(home / "ckan" / "conf", home / "stock" / "conf", dirs_exist_ok=True)
    (home / "stock" / "core.properties").write_text("name=stock\n")


# Our field types by what a portal without us would use for them.
STOCK_TYPES: dict[str, Field] = {
    "partial_date": {},
    "number": {},
    "email": {"display_snippet": "email.html"},
    "link": {"display_snippet": "link.html"},
    "textarea": {"form_snippet": "textarea.html"},
    "geojson": {"form_snippet": "textarea.html"},
    "license": {"form_snippet": "license.html"},
    "organization_slug": {
        "form_snippet": "slug.html",
        "validators": "not_empty unicode_safe name_validator group_name_validator",
    },
    "partner_type": {"preset": "select"},
    "partner_types": {"preset": "multiple_checkbox"},
}
KEPT = ("field_name", "label", "help_text", "required", "choices", "form_placeholder")


def _write_stock_schemas(snapshot: Snapshot) -> dict[str, str]:
    """Our schema as scheming's files.

    :returns: the settings that name them
    """
    dataset, organization = dict(snapshot.dataset_form), dict(snapshot.organization_form)
    for part in ("dataset_fields", "resource_fields"):
        dataset[part] = [_stock_field(field) for field in dataset[part]]
    organization["fields"] = [_stock_field(field) for field in organization["fields"]]
    settings = {}
    for kind, schema in (("dataset", dataset), ("organization", organization)):
        path = BENCH.folder / f"stock-{kind}.json"
        path.write_text(json.dumps(schema, indent=1))
        settings[f"scheming.{kind}_schemas"] = path.as_uri()
    return settings


def _stock_field(field: Field) -> Field:
    stock = {key: field[key] for key in KEPT if field.get(key) is not None}
    preset = field.get("preset", "")
    stock |= STOCK_TYPES.get(preset, {"preset": preset} if preset else {})
    if "repeating_subfields" in field:
        stock["repeating_subfields"] = [_stock_field(sub) for sub in field["repeating_subfields"]]
    return stock
