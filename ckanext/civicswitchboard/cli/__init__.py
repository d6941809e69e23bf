"""``ckan civicswitchboard``: one module a domain."""
from __future__ import annotations

import click


@click.group(short_help="Library partners and the shared schema.")
def civicswitchboard() -> None:
    """Library partners and the shared schema of a civic data portal."""


def get_commands() -> list[click.Command]:
    """The one command group."""
    return [civicswitchboard]
