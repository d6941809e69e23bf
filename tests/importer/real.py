"""The real records, which are not part of the repository and may stand beside it."""
from __future__ import annotations

from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "portal-records.jsonl"
where_they_are = pytest.mark.skipif(
    not REAL.exists(), reason="the 207 real records are not beside the repository (../shared/data)"
)
