"""What addresses say: where the reader is led back to, and which page of a list is asked for."""
from __future__ import annotations

import re

import ckan.plugins.toolkit as tk
from flask import request

# Of which none has a thing; the database counts no further than some billions of billions.
LAST_PAGE = 1_000_000

# As browsers read it: they take a backslash for a slash, and leave out line breaks.
_PATH = re.compile(r"/(?![/\\])[^\s\x00-\x1f\x7f]*")


def path_of(address: str | None) -> str:
    """The path and query of an address in this portal; empty for any other address.

    :param address: a path, or a whole address
    """
    path = (address or "").removeprefix(request.host_url.rstrip("/"))
    return path if _PATH.fullmatch(path) else ""


def page_number() -> int:
    """Which page of a list the address asks for, from 1 on; anything but a number is answered with 400."""
    return min(int(tk.h.get_page_number(request.args)), LAST_PAGE)
