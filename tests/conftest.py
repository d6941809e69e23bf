"""What every test may use; services are started by `bin/test`."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing outside this machine is asked, so that a test means the same everywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
]


@pytest.fixture
def clean_portal(with_plugins: Any, reset_db: Any, migrate_db_for: Any, reset_index: Any) -> None:
    """An empty portal with our plugins, their tables and the activity plugin's."""
    reset_db()
    migrate_db_for("activity")
    migrate_db_for("civicswitchboard")
    empty_our_tables()
    reset_index()


def empty_our_tables() -> None:
    """Delete every row of ours: core empties the tables of its own MetaData only."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.civicswitchboard.model import Base

    # Tables whose rows nobody may change yield to maintenance alone.
    model.Session.execute(sa.text("SET LOCAL civicswitchboard.maintenance = 'on'"))
    for table in reversed(Base.metadata.sorted_tables):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    model.Session.remove()


@pytest.fixture(scope="session")
def portal_url() -> Iterator[str]:
    """The address of a running portal on the tests' database and index."""
    from ckan.common import config
    from mirakuru import HTTPExecutor

    url = config["ckan.site_url"]
    port = url.rpartition(":")[2]
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi"]
    command = [*granian, "--host", "127.0.0.1", "--port", port, "--no-ws"]
    command += ["--working-dir", str(ROOT / "bin" / "ground"), "wsgi:application"]
    log = Path(os.environ["CKAN_INI"]).parent / "logs" / "Web.log"
    with (
        log.open("w") as out,
        HTTPExecutor(
            command,
            f"{url}/api/3/action/status_show",
            method="GET",
            timeout=60,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            expected_returncode=0,
        ),
    ):
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright."""
    program = os.environ.get("CIVICSWITCHBOARD_BROWSER")
    if not program:
        missing = "no browser on this machine (Debian: apt-get install chromium)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] * (os.geteuid() == 0)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, portal_url: str) -> Iterator[Any]:
    """An empty page of a new visitor; `page.goto("/dataset/")` goes to the running portal."""
    context = browser.new_context(base_url=portal_url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
