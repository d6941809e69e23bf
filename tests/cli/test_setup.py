"""``ckan civicswitchboard init`` and ``doctor``."""
from __future__ import annotations

import json

import pytest
import rq
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.lib import jobs, search
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection
from ckan.tests import factories, helpers
from redis import Redis

from ckanext.civicswitchboard import connections, doctor
from ckanext.civicswitchboard.records.show import STAMP
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.search_index import reindex

pytestmark = [pytest.mark.usefixtures("clean_portal")]

NOBODY_LISTENS = "http://127.0.0.1:9/solr/none"


def run(cli, command: str):
    return cli.invoke(ckan, ["civicswitchboard", command])


def indexed_as_before_the_plugin(dataset_id: str) -> None:
    """Put the dataset into the index as a portal without us has it."""
    solr = make_connection(decode_dates=False)
    (document,) = solr.search(f"id:{dataset_id}").docs
    shown = json.loads(document["validated_data_dict"])
    del shown[STAMP]
    document["validated_data_dict"] = json.dumps(shown)
    # What Solr makes itself must not be sent back.
    for key in ("_version_", "indexed_ts"):
        document.pop(key, None)
    solr.add([document], commit=True)


def stamp_in_index(dataset_id: str):
    return json.loads(search.show(dataset_id)["validated_data_dict"]).get(STAMP)


class TestInit:
    def test_a_new_portal_is_told_what_it_has_and_what_comes_next(self, cli):
        result = run(cli, "init")
        assert result.exit_code == 0, result.output
        assert "Version 1 of the shared schema is in use" in result.output
        assert "ckan civicswitchboard steward NAME" in result.output
        assert "The search index is up to date" in result.output

    def test_it_indexes_what_was_there_before_the_plugin_and_nothing_the_second_time(self, cli):
        old = factories.Dataset(license_id="cc-by")
        factories.Dataset(license_id="cc-by")
        indexed_as_before_the_plugin(old["id"])
        assert stamp_in_index(old["id"]) is None
        first, second = run(cli, "init"), run(cli, "init")
        assert "Datasets reindexed: 1." in first.output
        assert stamp_in_index(old["id"]) == versions.current().epoch
        assert "reindexed" not in second.output

    def test_it_indexes_what_the_index_lost(self, cli):
        dataset = factories.Dataset(license_id="cc-by")
        search.clear(dataset["id"])
        search.commit()
        assert reindex.behind() == [dataset["id"]]
        run(cli, "init")
        assert helpers.call_action("package_search")["count"] == 1

    def test_many_datasets_are_read_page_by_page(self, monkeypatch):
        monkeypatch.setattr(reindex, "PAGE", 2)
        ids = [factories.Dataset(license_id="cc-by")["id"] for _ in range(5)]
        assert reindex.behind() == []
        indexed_as_before_the_plugin(ids[3])
        assert reindex.behind() == [ids[3]]

    def test_without_search_it_stops_and_says_so(self, cli, monkeypatch):
        monkeypatch.setenv("CKAN_SOLR_URL", NOBODY_LISTENS)
        result = run(cli, "init")
        assert result.exit_code == 1
        assert "The search engine does not answer." in result.output


class TestDoctor:
    def test_a_portal_that_works_exits_with_0(self, cli):
        steward = factories.Organization(title="University Library")
        helpers.call_action("civicswitchboard_steward_update", organization_id=steward["id"])
        factories.Dataset(license_id="cc-by")
        factories.Dataset(license_id="cc-by", owner_org=steward["id"], private=True)
        result = run(cli, "doctor")
        assert result.exit_code == 0, result.output
        assert "The search index holds every active dataset: 2." in result.output
        assert "University Library maintains the shared schema." in result.output

    def test_an_index_that_lacks_datasets_exits_with_1(self, cli):
        dataset = factories.Dataset(license_id="cc-by")
        search.clear(dataset["id"])
        search.commit()
        result = run(cli, "doctor")
        assert result.exit_code == 1
        assert "Active datasets: 1 in the database, 0 in the search index." in result.output
        assert "What to do: run `ckan civicswitchboard init`" in result.output

    def test_a_search_engine_that_is_away_exits_with_1(self, cli, monkeypatch):
        monkeypatch.setenv("CKAN_SOLR_URL", NOBODY_LISTENS)
        result = run(cli, "doctor")
        assert result.exit_code == 1
        assert "The search engine does not answer." in result.output
        assert "The home page's shelves are set up." in result.output

    def test_a_missing_steward_breaks_nothing(self, cli):
        result = run(cli, "doctor")
        assert result.exit_code == 0, result.output
        assert "Attention   No organization is named" in result.output


class TestChecks:
    @pytest.mark.ckan_config("ckan.plugins", "activity civicswitchboard")
    def test_missing_plugins_are_named(self, monkeypatch, ckan_config):
        monkeypatch.setitem(ckan_config, "ckan.plugins", ["activity", "civicswitchboard"])
        found = doctor.plugins()
        assert found.breaks
        assert "civicswitchboard_datasets, civicswitchboard_organizations" in found.text
        assert found.advice.startswith("set ckan.plugins = civicswitchboard civicswitchboard_datasets")

    def test_plugins_before_ours_are_a_matter_of_attention(self, monkeypatch, ckan_config):
        names = ["activity", *doctor.OURS, *doctor.RECOMMENDED]
        monkeypatch.setitem(ckan_config, "ckan.plugins", names)
        assert doctor.plugins().level == "attention"

    def test_the_order_of_the_test_portal_is_good(self):
        assert doctor.plugins().level == "ok"

    def test_fields_that_the_map_needs_are_missed(self, monkeypatch, ckan_config):
        assert doctor.search_engine().level == "ok"
        monkeypatch.setitem(doctor.SPATIAL_FIELDS, "solr-spatial-field", ("spatial_geom", "no_such"))
        found = doctor.search_engine()
        assert found.breaks and "no field no_such;" in found.text

    def test_search_by_place_is_best_by_the_field(self, monkeypatch, ckan_config):
        assert doctor.spatial_search().level == "ok"
        monkeypatch.setitem(ckan_config, "ckanext.spatial.search_backend", "solr-bbox")
        found = doctor.spatial_search()
        assert found.level == "attention" and "solr-spatial-field" in found.advice
        monkeypatch.setitem(ckan_config, "ckanext.spatial.search_backend", "postgis")
        assert doctor.spatial_search().breaks

    def test_an_index_of_an_older_schema_is_told(self):
        dataset = factories.Dataset(license_id="cc-by")
        assert doctor.index().level == "ok"
        indexed_as_before_the_plugin(dataset["id"])
        found = doctor.index()
        assert found.level == "attention" and "holds 1 datasets as an older" in found.text

    def test_uploads_need_a_place_that_can_be_written_to(self, monkeypatch, tmp_path):
        assert doctor.storage().level == "ok"
        file = tmp_path / "a file"
        file.write_text("not a folder")
        monkeypatch.setattr(doctor, "_upload_places", lambda: [str(file / "storage")])
        found = doctor.storage()
        assert found.breaks and str(file) in found.text
        assert list(tmp_path.iterdir()) == [file]
        monkeypatch.setattr(doctor, "_upload_places", lambda: [str(tmp_path / "not" / "there")])
        assert doctor.storage().level == "ok"
        monkeypatch.setattr(doctor, "_upload_places", list)
        assert doctor.storage().level == "attention"

    def test_a_check_that_the_database_fails_breaks_no_other(self, monkeypatch):
        def steward() -> doctor.Finding:
            model.Session.execute(sa.text("SELECT nothing FROM nowhere"))
            raise AssertionError

        monkeypatch.setattr(doctor, "CHECKS", (steward, doctor.database))
        first, second = doctor.run()
        assert first.breaks and first.text.startswith("Not checked: steward")
        assert second.level == "ok"

    def test_tables_are_up_to_date(self):
        assert doctor.migrations().level == "ok"

    def test_tables_behind_are_seen(self, migrate_db_for):
        migrate_db_for("activity", "base", forward=False)
        try:
            found = doctor.migrations()
        finally:
            migrate_db_for("activity")
        assert found.level == "attention"
        assert "ckan db upgrade -p activity" in found.advice

    def test_a_worker_is_seen(self, clean_redis):
        assert doctor.background_jobs().level == "attention"
        queue = jobs.add_queue_name_prefix(jobs.DEFAULT_QUEUE_NAME)
        worker = rq.Worker([queue], connection=connect_to_redis())
        worker.register_birth()
        worker.subscribe()
        try:
            assert doctor.background_jobs().level == "ok"
        finally:
            worker.unsubscribe()
            worker.register_death()

    def test_a_worker_is_seen_where_redis_may_not_tell_who_listens(self, clean_redis, monkeypatch, ckan_config):
        redis = connect_to_redis()
        everything = {"categories": ["+@all"], "keys": ["*"], "channels": ["*"]}
        redis.acl_setuser("limited", enabled=True, nopass=True, commands=["-pubsub"], **everything)
        limited = Redis.from_url(ckan_config["ckan.redis.url"], username="limited", password="any")
        monkeypatch.setattr(connections, "redis", lambda: limited)
        worker = rq.Worker([jobs.add_queue_name_prefix(jobs.DEFAULT_QUEUE_NAME)], connection=redis)
        try:
            assert doctor.background_jobs().level == "attention"
            worker.register_birth()
            assert doctor.background_jobs().level == "ok"
        finally:
            worker.register_death()
            redis.acl_deluser("limited")

    def test_redis_away_is_broken(self, monkeypatch, ckan_config):
        monkeypatch.setitem(ckan_config, "ckan.redis.url", "redis://127.0.0.1:9/0")
        monkeypatch.setattr("ckan.lib.redis._connection_pool", None)
        assert doctor.background_jobs().breaks

    @pytest.mark.ckan_config("civicswitchboard.home.shelves", ["library", "shelf"])
    def test_shelves_that_do_not_exist_are_named(self, ckan_config):
        found = doctor.home_page()
        assert found.level == "attention" and "do not exist: shelf." in found.text

    def test_places_that_cannot_be_read_are_told(self, monkeypatch, ckan_config, tmp_path):
        assert "People choose from 22 named places." in doctor.places().text
        file = tmp_path / "places.geojson"
        file.write_text("{")
        monkeypatch.setitem(ckan_config, "civicswitchboard.gazetteer", str(file))
        found = doctor.places()
        assert found.level == "attention" and str(file) in found.text
        file.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}')
        assert "feature 1: it has no name" in doctor.places().text
        monkeypatch.setitem(ckan_config, "civicswitchboard.gazetteer", "")
        assert doctor.places().level == "ok"
