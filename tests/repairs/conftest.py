"""A portal with a steward, two publishers, and records to repair."""
from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from support.editing import act
from support.working import process_for

from ckanext.civicswitchboard.repairs import runner


@pytest.fixture
def portal(clean_portal: None, monkeypatch: Any) -> dict[str, str]:
    """Names of the organizations; jobs wait until a test lets them work."""
    for name in ("public-library", "county", "university-library"):
        factories.Organization(name=name, title=name.replace("-", " ").capitalize())
    model.Session.commit()
    act("steward_update", organization_id="university-library")
    monkeypatch.setattr(runner, "enqueue", lambda run_id: True)
    return {"library": "public-library", "county": "county"}


def stored(name: str) -> dict[str, Any]:
    """A dataset's extras as the database has them."""
    model.Session.remove()
    return dict(model.Package.by_name(name).extras or {})


def many(count: int, **extras: str) -> list[str]:
    """Many datasets alike, made behind CKAN's back.

    :returns: their names
    """
    factories.Dataset(name="many-0", owner_org="county", license_id="cc-by", **extras)
    model.Session.execute(
        sa.text(
            "INSERT INTO package (id, name, title, notes, owner_org, license_id, state, type, private,"
            " creator_user_id, metadata_created, metadata_modified, extras)"
            " SELECT gen_random_uuid()::text, 'many-' || n, title, notes, owner_org, license_id, state, type,"
            " private, creator_user_id, metadata_created, metadata_modified, extras"
            " FROM package, generate_series(1, :last) n WHERE name = 'many-0'"
        ),
        {"last": count - 1},
    )
    model.Session.commit()
    return [f"many-{number}" for number in range(count)]


def counts(key: str) -> dict[str | None, int]:
    """How many datasets hold which value under a key."""
    model.Session.remove()
    rows = model.Session.execute(
        sa.text("SELECT extras ->> :key AS value, count(*) AS n FROM package GROUP BY 1"), {"key": key}
    )
    return {row.value: row.n for row in rows}


def progress(run_id: str) -> Any:
    """State and number of a run, as another process sees them."""
    model.Session.rollback()
    return model.Session.execute(
        sa.text("SELECT state, done, total, skipped, undone FROM civicswitchboard_repair WHERE id = :id"),
        {"id": run_id},
    ).one()


def worker(run_id: str) -> AbstractContextManager[int]:
    """A worker's process at a run; killed at the end when it has not ended by itself."""
    return process_for(lambda: runner.work(run_id, turn=60))


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.002)
