"""What can be wrong with a portal's set-up: one small function a matter."""
from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.cli import db as core_migrations
from ckan.lib import files, search
from ckan.lib.search.common import make_connection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from requests import ConnectionError as NotConnected
from requests import RequestException, Timeout

from ckanext.civicswitchboard import config, connections, partners, shelves
from ckanext.civicswitchboard.model import Run
from ckanext.civicswitchboard.records import resource_files, unserved_types
from ckanext.civicswitchboard.repairs import index_updates
from ckanext.civicswitchboard.repairs import runner as running
from ckanext.civicswitchboard.schema_registry import releases, versions
from ckanext.civicswitchboard.search_index import extents, health, reindex

OURS = ("civicswitchboard", "civicswitchboard_datasets", "civicswitchboard_organizations")
RECOMMENDED = ("spatial_metadata", "spatial_query")

# What ckanext-spatial asks of the index, by its search backend.
SPATIAL_FIELDS = {
    "solr-spatial-field": ("spatial_geom",),
    "solr-bbox": ("bbox_area", "minx", "maxx", "miny", "maxy"),
}

RECOMMENDED_BACKEND = "solr-spatial-field"

WORDS = {"ok": "OK", "attention": "Attention", "broken": "Broken"}


@dataclass(frozen=True)
class Finding:
    """What a check found.

    :ivar level: ``broken`` when the portal doesn't work as it should
    :ivar text: what was found, in a sentence
    :ivar advice: what to do about it
    """

    level: Literal["ok", "attention", "broken"]
    text: str
    advice: str = ""

    @property
    def word(self) -> str:
        """The level as it is printed."""
        return WORDS[self.level]

    @property
    def breaks(self) -> bool:
        """Whether this keeps the portal from working."""
        return self.level == "broken"


def database() -> Finding:
    """Whether the database answers."""
    try:
        model.Session.execute(sa.text(f"SET LOCAL statement_timeout = '{connections.SECONDS}s'"))
        model.Session.execute(sa.select(model.Package.id).limit(1))
        model.Session.rollback()
    except sa.exc.SQLAlchemyError as error:
        model.Session.rollback()
        return Finding(
            "broken",
            f"The database does not answer: {_first_line(error)}",
            "start PostgreSQL, check sqlalchemy.url, and run `ckan db init` on a new database",
        )
    return Finding("ok", "The database answers.")


def plugins() -> Finding:
    """Whether the plugins that belong together are enabled, ours first."""
    enabled = config.plugins()
    line = " ".join([*OURS, *[name for name in enabled if name not in OURS]])
    missing = [name for name in OURS if name not in enabled]
    if missing:
        return Finding(
            "broken", f"Not enabled: {', '.join(missing)}.", f"set ckan.plugins = {line}"
        )
    if tuple(enabled[: len(OURS)]) != OURS:
        return Finding(
            "attention",
            "Other plugins come before Civic Switchboard's and may replace parts of it.",
            f"set ckan.plugins = {line}",
        )
    absent = [name for name in RECOMMENDED if name not in enabled]
    if absent:
        return Finding(
            "attention",
            f"Datasets cannot be found on the map without: {', '.join(absent)}.",
            f"set ckan.plugins = {line} {' '.join(absent)}",
        )
    return Finding("ok", "The plugins are enabled, in a good order.")


def migrations() -> Finding:
    """Whether the database has the tables that this release needs."""
    behind = [name for name in core_migrations._get_pending_plugins() if name in config.plugins()]
    if not behind:
        return Finding("ok", "The database's tables are up to date.")
    commands = "; ".join(f"ckan db upgrade -p {name}" for name in behind)
    ours = set(behind) & set(OURS)
    return Finding(
        "broken" if ours else "attention",
        f"The database's tables are behind for: {', '.join(behind)}.",
        f"run {commands}",
    )


def search_engine() -> Finding:
    """Whether Solr answers, with a schema that this CKAN and the map can work with."""
    try:
        # CKAN would wait longer for one that hangs.
        connections.ask_search_engine()
        supported = search.check_solr_schema_version()
    except Timeout:
        return Finding(
            "broken",
            "The search engine takes what it is asked, but gives no answer.",
            "see Solr's log, restart Solr and check solr_url; where ckan.ini has no solr_timeout, set it to"
            " 10, so that pages do not wait for a minute",
        )
    except NotConnected:
        supported = False
    except (search.SearchError, RequestException) as error:
        return Finding("broken", f"Solr's schema does not fit: {error}", "use this CKAN's schema.xml")
    if not supported:
        return Finding(
            "broken", "The search engine does not answer.", "start Solr and check solr_url"
        )
    missing = [name for name in _spatial_fields() if not _indexed(name)]
    if missing:
        return Finding(
            "broken",
            f"Solr's schema has no field {', '.join(missing)}; searching by place fails.",
            "add what ckanext-spatial's documentation lists for its search backend"
            f" '{config.spatial_backend()}' to schema.xml, restart Solr,"
            " and run `ckan search-index rebuild`",
        )
    return Finding("ok", "Solr answers and has the fields that are needed.")


def _spatial_fields() -> tuple[str, ...]:
    if "spatial_query" not in config.plugins():
        return ()
    return SPATIAL_FIELDS.get(config.spatial_backend(), ())


def _indexed(field: str) -> bool:
    solr = make_connection()
    answer = solr.get_session().get(f"{solr.url}/schema/fields/{field}", timeout=solr.timeout)
    return bool(answer.ok)


def spatial_search() -> Finding:
    """Whether searching by place finds what it should."""
    if "spatial_query" not in config.plugins():
        return Finding(
            "attention",
            "Datasets are not searched by place.",
            "add spatial_metadata and spatial_query to ckan.plugins",
        )
    backend = config.spatial_backend()
    if backend not in SPATIAL_FIELDS:
        known = " or ".join(SPATIAL_FIELDS)
        return Finding(
            "broken",
            f"ckanext.spatial.search_backend is '{backend}', which there is not.",
            f"set it to {known}",
        )
    if backend != RECOMMENDED_BACKEND:
        return Finding(
            "attention",
            f"Searching by place is done by '{backend}': it never finds points, and finds what only"
            " lies near.",
            f"set ckanext.spatial.search_backend = {RECOMMENDED_BACKEND}, add the field spatial_geom to"
            " Solr's schema, and run `ckan search-index rebuild`",
        )
    return Finding("ok", f"Searching by place is exact ({backend}).")


def index() -> Finding:
    """Whether search finds as many datasets as there are, as the shared schema reads them."""
    stored = model.Session.query(model.Package.id).filter_by(state="active").count()
    try:
        connections.ask_search_engine()
        result = tk.get_action("package_search")(
            {"ignore_auth": True}, {"rows": 0, "include_private": True, "facet": "false"}
        )["count"]
    except (search.SearchError, search.SolrConnectionError, RequestException):
        return Finding("broken", "The search index could not be counted.", "see the search engine")
    advice = "run `ckan civicswitchboard init`"
    wrong = reindex.wrong_documents()
    if wrong["ghost"]:
        return Finding(
            "broken",
            "Datasets in the search index that the database does not have, or has as deleted:"
            f" {wrong['ghost']}.",
            advice,
        )
    if wrong["contents"]:
        return Finding(
            "broken",
            f"Datasets that search finds with contents they no longer have: {wrong['contents']}.",
            advice,
        )
    if result != stored:
        return Finding(
            "broken",
            f"Active datasets: {stored} in the database, {result} in the search index.",
            f"{advice}, or `ckan search-index rebuild` for the whole index",
        )
    if wrong["form"]:
        return Finding(
            "attention",
            f"The search index holds {wrong['form']} datasets as an older schema read them: pages are right,"
            " but slower.",
            advice,
        )
    return Finding("ok", f"The search index holds every active dataset: {stored}.")


def storage() -> Finding:
    """Whether files and logos can be uploaded."""
    places = sorted(set(_upload_places()))
    if not places:
        return Finding(
            "attention",
            "There is no place for uploads: files and logos can only be linked to.",
            "set ckan.storage_path to a folder that the web server may write to",
        )
    closed = [folder for folder in places if folder and not _writable(Path(folder))]
    if closed:
        return Finding(
            "broken",
            f"Uploads cannot be written to: {', '.join(closed)}.",
            "let the web server's user write there, or set ckan.storage_path to another folder",
        )
    return Finding("ok", "There is a place for uploads.")


def _upload_places() -> Iterator[str]:
    """The folders for uploads; an empty name for a storage that is none, such as a cloud's."""
    for name in config.upload_storages():
        try:
            yield str(getattr(files.get_storage(name).settings, "path", ""))
        except files.exc.UnknownStorageError:
            if config.storage_path():
                yield config.storage_path()


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, or in the one where it will be made."""
    place = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def background_jobs() -> Finding:
    """Whether a worker waits for jobs."""
    try:
        waits = health.worker_waits()
    except RedisTimeoutError:
        return Finding(
            "broken",
            "Redis takes what it is asked, but gives no answer.",
            "see Redis's log, restart Redis and check ckan.redis.url",
        )
    except RedisError as error:
        return Finding(
            "broken", f"Redis does not answer: {error}", "start Redis and check ckan.redis.url"
        )
    if waits:
        return Finding("ok", "A worker runs background jobs.")
    return Finding(
        "attention",
        "No worker runs background jobs; they wait until one does.",
        "keep `ckan jobs worker` running",
    )


def steward() -> Finding:
    """Whether somebody maintains the shared schema."""
    named = partners.steward()
    if named:
        return Finding("ok", f"{named.title or named.name} maintains the shared schema.")
    return Finding(
        "attention",
        "No organization is named that maintains the shared schema.",
        "run `ckan civicswitchboard steward NAME`",
    )


def repairs() -> Finding:
    """Whether a repair of records waits for somebody."""
    runs = model.Session.scalars(sa.select(Run))
    stuck = [run for run in runs if running.stale(run) or run.state == "failed"]
    if stuck:
        return Finding(
            "attention",
            f"Repairs of records that stopped halfway: {', '.join(run.id for run in stuck)}.",
            "run `ckan civicswitchboard repair resume ID` for each; what is done stays done",
        )
    names = index_updates.lacking()
    if names:
        return Finding(
            "attention",
            f"Search has these datasets as they were before a repair: {', '.join(names)}.",
            "see the log for what keeps them out, and run `ckan search-index rebuild NAME` for each",
        )
    return Finding("ok", "No repair of records waits for anybody.")


def schema() -> Finding:
    """Which version of the shared schema is in use."""
    snapshot = versions.current()
    return Finding("ok", f"Version {snapshot.version} of the shared schema is in use.")


def resource_files_present() -> Finding:
    """Whether every resource leads to a file or a link."""
    datasets = resource_files.datasets_without_files()
    if not datasets:
        return Finding("ok", "Every resource has a file or a link.")
    names = ", ".join(list(datasets)[:10])
    more = f" and {len(datasets) - 10} more" if len(datasets) > 10 else ""
    return Finding(
        "attention",
        f"Resources without a file or link: {sum(datasets.values())}, in the datasets {names}{more}.",
        "open each dataset and add a file or link to the resource, or delete the resource",
    )


def records_without_plugin() -> Finding:
    """Whether there are records of types that no plugin serves."""
    by_type = unserved_types.counts()
    if not by_type:
        return Finding("ok", "Every record has a type that an enabled plugin serves.")
    listed = ", ".join(f"{name} ({count})" for name, count in by_type.items())
    return Finding(
        "attention",
        f"Records of types that no enabled plugin serves: {listed}. They are kept, listed, and shown on"
        " CKAN's plain pages.",
        "to edit them in a form of their own, add the plugin that serves their type to ckan.plugins;"
        " otherwise nothing needs to be done",
    )


def release() -> Finding:
    """Whether changes of the schema that came with the software wait to be looked at."""
    waiting = releases.waiting()
    if waiting is None:
        return Finding("ok", "No changes that came with the software are waiting.")
    if waiting.drafted:
        return Finding(
            "attention",
            "Changes that came with the software are in the draft, and wait to be published or dropped.",
            "look at /metadata-schema/review",
        )
    number = len(waiting.changes)
    return Finding(
        "attention",
        f"Changes of the shared schema that came with the software are waiting: {number}.",
        "run `ckan civicswitchboard init`, which makes them the draft",
    )


def home_page() -> Finding:
    """Whether the home page's shelves are ones that exist."""
    known = [kind.name for kind in shelves.KINDS]
    unknown = [name for name in config.home_shelves() if name not in known]
    if not unknown:
        return Finding("ok", "The home page's shelves are set up.")
    return Finding(
        "attention",
        f"civicswitchboard.home.shelves names shelves that do not exist: {', '.join(unknown)}.",
        f"choose from: {', '.join(known)}",
    )


def places() -> Finding:
    """Whether the places that people choose from can be read."""
    fault = extents.gazetteer_fault()
    known = len(extents.gazetteer().places)
    if fault:
        return Finding(
            "attention",
            f"civicswitchboard.gazetteer gives {known} places: {fault}.",
            "give the path of a GeoJSON FeatureCollection whose features have a name and an outline",
        )
    if not known:
        return Finding(
            "ok", "No list of places is set up (civicswitchboard.gazetteer): areas are given by numbers."
        )
    return Finding("ok", f"People choose from {known} named places.")


CHECKS: tuple[Callable[[], Finding], ...] = (
    plugins,
    database,
    migrations,
    schema,
    repairs,
    resource_files_present,
    records_without_plugin,
    release,
    search_engine,
    spatial_search,
    index,
    storage,
    background_jobs,
    steward,
    home_page,
    places,
)


def run() -> list[Finding]:
    """What every check finds; one that the database keeps from answering breaks no other."""
    return [_answer(check) for check in CHECKS]


def _answer(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except sa.exc.SQLAlchemyError as error:
        model.Session.rollback()
        matter = check.__name__.replace("_", " ")
        return Finding("broken", f"Not checked: {matter}: {_first_line(error)}", "see the database")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
