"""Addresses that a form or a browser sends, and that the reader is led back to."""
from __future__ import annotations

import re

from flask import request

# As browsers read it: they take a backslash for a slash, and leave out line breaks.
_PATH = re.compile(r"/(?![/\\])[^\s\x00-\x1f\x7f]*")


def path_of(address: str | None) -> str:
    """The path and query of an address in this portal; empty for any other address.

    :param address: a path, or a whole address
    """
    path = (address or "").removeprefix(request.host_url.rstrip("/"))
    return path if _PATH.fullmatch(path) else ""
