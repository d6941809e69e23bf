"""What every test may use; services are started by `bin/test`."""
from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def clean_portal(with_plugins: Any, reset_db: Any, migrate_db_for: Any, reset_index: Any) -> None:
    """An empty portal with our plugins and the activity plugin's tables."""
    reset_db()
    migrate_db_for("activity")
    reset_index()
