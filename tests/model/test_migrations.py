"""Our tables: made and taken away by the migrations, as the model says."""
from __future__ import annotations

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ckan import model
from ckan.cli.cli import ckan

from ckanext.civicswitchboard import doctor
from ckanext.civicswitchboard.model import Base, ShelfItem

PREFIX = "civicswitchboard_"
VERSION_TABLE = f"{PREFIX}alembic_version"

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def our_tables() -> set[str]:
    model.Session.remove()
    names = sa.inspect(model.meta.engine).get_table_names()
    return {name for name in names if name.startswith(PREFIX)} - {VERSION_TABLE}


@pytest.fixture
def without_our_tables(clean_portal, migrate_db_for):
    """The database of a portal whose admin has not run our migrations."""
    model.Session.remove()
    migrate_db_for("civicswitchboard", "base", forward=False)
    yield
    model.Session.remove()
    migrate_db_for("civicswitchboard")


def test_upgrading_makes_the_tables_that_the_model_describes():
    options = {
        "version_table": VERSION_TABLE,
        "include_name": lambda name, kind, _: kind != "table" or name.startswith(PREFIX),
        "compare_server_default": True,
    }
    with model.meta.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts=options), Base.metadata
        )
    assert differences == []
    assert our_tables() == set(Base.metadata.tables)


def test_downgrading_takes_them_away_and_upgrading_brings_them_back(migrate_db_for, without_our_tables):
    assert our_tables() == set()
    migrate_db_for("civicswitchboard")
    assert our_tables() == set(Base.metadata.tables)


def test_every_table_carries_the_prefix_and_refers_to_no_table_of_core():
    for table in Base.metadata.tables.values():
        assert table.name.startswith(PREFIX)
        assert all(key.column.table.metadata is Base.metadata for key in table.foreign_keys)
    assert not set(Base.metadata.tables) & set(tk.BaseModel.metadata.tables)


@pytest.mark.parametrize("command", [["db", "upgrade", "-p", "civicswitchboard"], ["db", "init"]])
def test_the_admins_command_makes_them(cli, without_our_tables, command):
    result = cli.invoke(ckan, command)
    assert result.exit_code == 0, result.output
    assert our_tables() == set(Base.metadata.tables)


class TestMigrationForgotten:
    pytestmark = [pytest.mark.usefixtures("without_our_tables")]

    def test_the_doctor_says_what_to_run(self):
        found = doctor.migrations()
        assert found.breaks
        assert found.text == "The database's tables are behind for: civicswitchboard."
        assert found.advice == "run ckan db upgrade -p civicswitchboard"

    def test_init_stops_and_says_it_too(self, cli):
        result = cli.invoke(ckan, ["civicswitchboard", "init"])
        assert result.exit_code == 1
        assert "run ckan db upgrade -p civicswitchboard" in result.output


class TestEmptiedBetweenTests:
    """The two run in this order; each finds the table empty."""

    @pytest.mark.parametrize("turn", ["first", "second"])
    def test_what_one_test_stores_the_next_does_not_see(self, turn):
        stored = model.Session.query(ShelfItem).count()
        model.Session.add(ShelfItem(dataset_id="a", item_id="b", state="pinned", user_id=turn))
        model.Session.commit()
        assert stored == 0


def test_a_state_that_does_not_exist_is_refused():
    model.Session.add(ShelfItem(dataset_id="a", item_id="b", state="loved", user_id="c"))
    with pytest.raises(sa.exc.IntegrityError, match="civicswitchboard_shelf_item_state_check"):
        model.Session.commit()
    model.Session.rollback()


def test_a_row_reads_as_the_api_gives_it():
    item = ShelfItem(dataset_id="a", item_id="b", state="hidden", user_id="c")
    model.Session.add(item)
    model.Session.commit()
    model.Session.refresh(item)
    shown = item.dictize()
    assert shown.pop("created").endswith("+00:00")
    assert shown == {"dataset_id": "a", "item_id": "b", "state": "hidden", "user_id": "c"}
