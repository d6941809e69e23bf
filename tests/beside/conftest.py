"""A portal with ckanext-dcat, ckanext-harvest and ckanext-xloader, on databases of its own.

Their tables refer to core's and would stay in the other tests' way.
"""
from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OTHERS = "dcat structured_data harvest ckan_harvester datastore xloader"


@pytest.fixture
def portal_beside(tmp_path: Path) -> Callable[[str], None]:
    """Runs a file of tests in a process with the other extensions enabled.

    Under their tests' own name, `stories.py`, pytest does not collect them here.
    """
    ini = tmp_path / "beside.ini"
    addresses = _databases("beside", "beside_datastore")
    ini.write_text(_configuration(addresses))
    ckan = str(Path(sys.executable).with_name("ckan"))
    environment = {**os.environ, "CKAN_INI": str(ini)}
    for arguments in (["db", "init"], ["db", "pending-migrations", "--apply"]):
        _run([ckan, "-c", str(ini), *arguments], environment)
    _prepare_datastore(addresses[1], _run([ckan, "-c", str(ini), "datastore", "set-permissions"], environment))

    def run(path: str) -> None:
        _run([sys.executable, "-m", "pytest", f"--ckan-ini={ini}", "-q", "-p", "no:cacheprovider", path], environment)

    return run


def _prepare_datastore(address: str, statements: str) -> None:
    """Run what datastore prints for psql, but for psql's own commands."""
    import sqlalchemy as sa

    lines = [line for line in statements.splitlines() if not line.startswith("\\")]
    with sa.create_engine(address, poolclass=sa.pool.NullPool).begin() as connection:
        connection.exec_driver_sql("\n".join(lines).replace("%", "%%"))


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-8000:]}"
    return done.stdout


def _configuration(addresses: list[str]) -> str:
    inherited = os.environ["CKAN_INI"]
    parser = configparser.RawConfigParser()
    parser.read([Path(__file__).parents[2] / "test.ini", inherited])
    portal, datastore, reader = (each.replace("%", "%%") for each in addresses)
    lines = {
        "ckan.plugins": f"{parser['app:main']['ckan.plugins']} {OTHERS}",
        "ckan.site_id": "civicswitchboard-beside",
        "sqlalchemy.url": portal,
        "ckan.datastore.write_url": datastore,
        "ckan.datastore.read_url": reader,
        "ckanext.xloader.api_token": "none",
    }
    settings = "\n".join(f"{key} = {value}" for key, value in lines.items())
    return f"[app:main]\nuse = config:{inherited}\n{settings}\n"


def _databases(*names: str) -> list[str]:
    """New databases beside the tests' own.

    :returns: their addresses, then that of the last for an account that only reads
    """
    import sqlalchemy as sa
    from ckan.common import config

    address = sa.engine.make_url(config["sqlalchemy.url"])
    engine: Any = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for name in names:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        connection.execute(sa.text("DROP ROLE IF EXISTS beside_reader"))
        connection.execute(sa.text(f"CREATE ROLE beside_reader LOGIN PASSWORD '{address.password}'"))
    made = [address.set(database=name) for name in names]
    reader = made[-1].set(username="beside_reader")
    return [each.render_as_string(hide_password=False) for each in (*made, reader)]
