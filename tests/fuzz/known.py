"""Faults of CKAN itself: a 500 that it gives without us too, and where.

Each has an input by which `test_fuzz.py` sees that it is there still: one that CKAN has fixed has to go from here.
"""
from __future__ import annotations

from fuzz.calls import Call

# By the signature that judging.signature gives: what it is called in the score, and a call that does it.
KNOWN: dict[str, tuple[str, Call]] = {
    "KeyError in ckan/views/group.py:post": (
        "CKAN 2.12.0, ckan/views/group.py:920: bulk_process without one of its buttons",
        Call("bulk", "POST", "/organization/bulk_process/public-library", {"a": "b"}),
    ),
}
