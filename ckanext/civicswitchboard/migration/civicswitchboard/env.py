"""How Alembic runs the migrations of our tables; CKAN's ``db`` commands start it.

Logging stays as CKAN has set it up: Alembic's usual ``fileConfig`` would silence the loggers
of the running process.
"""
from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import engine_from_config, pool

from ckanext.civicswitchboard.model import Base

PREFIX = "civicswitchboard_"
OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "version_table": f"{PREFIX}alembic_version",
    # Core's tables and other extensions' are in the same database.
    "include_name": lambda name, kind, parents: kind != "table" or str(name).startswith(PREFIX),
}


def run_offline() -> None:
    """Print the statements."""
    url = context.config.get_main_option("sqlalchemy.url")
    context.configure(url=url, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Change the database."""
    section = context.config.get_section(context.config.config_ini_section, {})
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
