"""What every test may use; services are started by `bin/test`."""
from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
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
# CKAN starts its modules, of which some add or fold controls, after it has asked for its translations: later than the
# page's load.
MODULES_STARTED = ("!window.ckan || !document.querySelector('[data-module]') "
                   "|| Object.keys(ckan.module.instances).length > 0")


# Files, folders and tests that take most of the time: long interleavings, load, every page, random laws, browsers.
SLOW = (
    "access/", "adoption/test_corpus.py", "beside/", "browser/", "core_fixes/test_time_limits.py", "demo/test_run.py",
    "fuzz/", "ground/test_killed.py", "ground/test_packaging.py", "impact/test_agreement.py",
    "importer/test_interrupted.py", "importer/test_real_saves.py", "limits/", "nothing_lost/",
    "publishing/test_faults.py", "publishing/test_interleavings.py", "publishing/test_under_load.py",
    "records/test_grace.py", "repairs/test_faults.py", "search_index/test_under_load.py", "words/test_pages.py",
)  # fmt: skip


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--pictures", action="store_true", help="take the guides' pictures anew (docs/images/guide)")
    parser.addoption("--long", action="store_true", help="run tests that take up to hours too")
    parser.addoption("--inputs", type=int, default=200, help="how many unexpected inputs tests/fuzz sends (200)")
    parser.addoption("--seed", type=int, default=19, help="which ones: each number gives others (19)")


def pytest_configure(config: Any) -> None:
    """Each lane of tests has a configuration of its own, which `bin/test` names."""
    config.option.ckan_ini = os.environ.get("CKAN_INI", config.option.ckan_ini)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Mark the slow tests, which `bin/test` runs with --all or by their names, and skip hours of them."""
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="takes up to hours: bin/test --long"))


class Kept:
    """Plugins loaded and an application made once, for every test that sets no option of its own.

    CKAN's fixtures do both anew for each test, which takes three times as long as most tests.
    """

    def __init__(self) -> None:
        self.application: Any = None
        # The fixture whose portal stands in the database, where tests that only read it share one.
        self.portal = ""
        self._bare: dict[str, Any] = {}

    def load(self) -> None:
        from ckan import plugins
        from ckan.common import config
        from ckan.tests.helpers import _get_test_app

        if self.application is None:
            self._bare = copy.deepcopy(dict(config))
            plugins.load_all()
            self.application = _get_test_app().app

    def unload(self) -> None:
        from ckan import plugins
        from ckan.common import config

        if self.application is not None:
            self.application = None
            plugins.unload_all()
            config.clear()
            config.update(self._bare)


KEPT = Kept()


@pytest.fixture(autouse=True)
def kept(request: Any) -> Kept:
    """What is kept for the test, made before the fixtures that copy and restore the options."""
    if KEPT.portal not in request.fixturenames:
        KEPT.portal = ""
    if {"with_plugins", "app", "clean_portal"} & set(request.fixturenames):
        own_options = any(request.node.iter_markers("ckan_config"))
        KEPT.unload() if own_options else KEPT.load()
    elif "ckan_config" in request.fixturenames:
        KEPT.unload()
    return KEPT


@pytest.fixture
def with_plugins(kept: Kept, ckan_config: Any) -> Iterator[None]:
    """The plugins of `ckan.plugins`, as CKAN's fixture of this name."""
    from ckan import plugins

    if kept.application is not None:
        yield
        return
    plugins.load_all()
    yield
    plugins.unload_all()


@pytest.fixture
def app(kept: Kept, make_app: Any) -> Any:
    """A visitor of the application, as CKAN's fixture of this name; each test has a new one."""
    from ckan.tests.helpers import CKANTestApp

    return make_app() if kept.application is None else CKANTestApp(kept.application)


@pytest.fixture
def clean_portal(with_plugins: Any, reset_db: Any, migrate_db_for: Any, reset_index: Any) -> None:
    """An empty portal with our plugins, their tables and the activity plugin's."""
    from ckanext.civicswitchboard import impact
    from ckanext.civicswitchboard.shelves import value_counts

    reset_db()
    if not tables_are_there():
        migrate_db_for("activity")
        migrate_db_for("civicswitchboard")
    empty_our_tables()
    reset_index()
    # Redis would tell how often fields were used in the portal before, and how rare values were.
    impact.forget()
    value_counts.forget()


def tables_are_there() -> bool:
    """Whether an earlier test left our tables in place."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.civicswitchboard.model import Base

    here = set(sa.inspect(model.meta.engine).get_table_names())
    return {*Base.metadata.tables, "activity"} <= here


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
def new_page(browser: Any, portal_url: str) -> Iterator[Callable[..., Any]]:
    """`new_page()`: an empty page of one more visitor; `new_page(javascript=False)`: whose browser runs no scripts.

    `page.goto("/dataset/")` goes to the running portal and comes back when CKAN's modules have started, as they have
    for a person who looks before acting.
    """
    contexts = []

    def open_page(javascript: bool = True) -> Any:
        context = browser.new_context(
            base_url=portal_url, viewport={"width": 1280, "height": 900}, java_script_enabled=javascript
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        if javascript:
            page.goto = partial(_go, page, page.goto)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _go(page: Any, goto: Callable[..., Any], address: str, **more: Any) -> Any:
    answer = goto(address, **more)
    page.wait_for_function(MODULES_STARTED)
    return answer


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """The page of a visitor."""
    return new_page()
