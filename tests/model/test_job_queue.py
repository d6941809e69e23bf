"""Jobs that were queued before an upgrade moved their functions still run."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rq.utils import import_attribute

from ckanext.civicswitchboard.impact import refresh_usage
from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.search_index import reindex


@pytest.mark.parametrize(
    ("earlier", "today"),
    [
        ("metadata_schema.upkeep.catch_up", reindex.catch_up),
        ("metadata_schema.impact.usage.refresh_usage", refresh_usage),
        ("repairs.run.job", runner.job),
    ],
)
def test_a_worker_finds_a_job_under_its_earlier_name(with_plugins: Any, earlier: str, today: Callable[..., Any]) -> None:
    assert import_attribute(f"ckanext.civicswitchboard.{earlier}") is today
