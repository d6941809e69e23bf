"""``ckan civicswitchboard``: one module per domain."""
from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from ckanext.civicswitchboard.cli import importing, partners, repairs, schema, setup


@click.group(short_help="Library partners and the shared schema.")
def civicswitchboard() -> None:
    """Library partners and the shared schema of a civic data portal."""


civicswitchboard.add_command(setup.init)
civicswitchboard.add_command(setup.adopt_check)
civicswitchboard.add_command(setup.run_doctor)
civicswitchboard.add_command(setup.detach)
civicswitchboard.add_command(importing.import_records)
civicswitchboard.add_command(partners.partners)
civicswitchboard.add_command(partners.steward)
civicswitchboard.add_command(repairs.repair)
civicswitchboard.add_command(schema.schema)
# The demo isn't part of the package; `bin/portal` and `bin/test` put it beside.
if find_spec("civicswitchboard_demo"):
    civicswitchboard.add_command(import_module("civicswitchboard_demo.command").seed)


def get_commands() -> list[click.Command]:
    """The one command group."""
    return [civicswitchboard]
