"""Bytes that are hardly HTTP, sent to the web server that the demo runs: never a 500, never long."""
from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from access.test_who_may import some_datasets
from fuzz.judging import MOST_SECONDS
from fuzz.wire import request, send
from support.editing import act
from support.people import enter_people

pytestmark = [pytest.mark.usefixtures("clean_portal"), pytest.mark.timeout(1800)]


def test_bytes_that_are_hardly_http_are_refused(portal_url: str, pytestconfig: Any) -> None:
    """A tenth as many as other inputs, in one portal."""
    token = enter_people().headers("sysadmin")["Authorization"]
    some_datasets()
    act("schema_draft_create")
    random = Random(f"wire:{pytestconfig.getoption('--seed')}")
    statuses: Counter[int] = Counter()
    wrong = []
    for _ in range(max(1, pytestconfig.getoption("--inputs") // 10)):
        content = request(random, token)
        try:
            status, seconds = send(portal_url, content, MOST_SECONDS)
        except TimeoutError:
            status, seconds = 504, MOST_SECONDS
        statuses[status] += 1
        if status >= 500:
            wrong.append((status, seconds, content[:400]))
    assert not wrong, "\n".join(map(repr, wrong))
    # Most are answered by the portal, not refused by the server before it.
    assert sum(n for status, n in statuses.items() if status in (200, 302, 400, 401, 403, 404, 405, 409)) > statuses[0]


def test_the_known_fault_of_ckan_is_there_still(portal_url: str) -> None:
    """CKAN 2.12.0: an address that is no path, as in ``OPTIONS *``, is a 500 before any view."""
    content = b"GET * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert send(portal_url, content, MOST_SECONDS)[0] == 500
