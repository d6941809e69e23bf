"""What is made of versions, once: a version never changes, so neither do its downloads and its page.

Redis keeps downloads, for all processes, for a month. Without Redis each download is written anew.
Each process keeps the HTML of the pages that were read last, as long as it runs: templates change
with the software and its themes, which take a restart.
"""
from __future__ import annotations

import hashlib
import logging
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from importlib.metadata import version as release_of
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response, request
from markupsafe import Markup
from redis import Redis
from redis.exceptions import RedisError

from ckanext.civicswitchboard import config, connections

log = logging.getLogger(__name__)

KEPT_SECONDS = 30 * 86_400
# How long a request waits for another one that writes the same; it writes for itself after that.
MOST_WAIT_SECONDS = 20


@dataclass(frozen=True)
class Download:
    """A file to take away.

    :ivar version: the version's number
    :ivar published: when it was published, as a database that was restored has other versions under the
        same numbers; None while the document comes with the software
    :ivar name: what the file is called behind the version
    :ivar mimetype: its media type
    :ivar readers: for whom it is, where others get another one
    """

    version: int
    published: str | None
    name: str
    mimetype: str
    readers: str = ""

    @property
    def tag(self) -> str:
        """Says all that the text depends on; empty where nobody can say."""
        if not self.published:
            return ""
        around = [str(tk.h.lang()), config.site_address(), release_of("ckanext-civicswitchboard")]
        return _digest([str(self.version), self.published, self.name, self.readers, *around])


def answer(wanted: Download, write: Callable[[], str]) -> Response:
    """A file as an answer. A client that has it already is told so, and nothing is written or read.

    :param write: makes the text
    """
    response = Response(content_type=f"{wanted.mimetype}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="version-{wanted.version}-{wanted.name}"'
    tag = wanted.tag
    if not tag:
        response.data = write().encode()
        return response
    response.set_etag(tag)
    if request.if_none_match.contains(tag):
        response.make_conditional(request)
    else:
        response.data = kept(tag, write)
    return response


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def kept(tag: str, write: Callable[[], str]) -> bytes:
    """What was written under a tag, in UTF-8; written now where it was not.

    :param tag: says all that the text depends on
    """
    try:
        redis = connections.redis()
        content = _stored(redis, tag)
        if content is None and not redis.set(_name(tag, "busy"), 1, nx=True, ex=MOST_WAIT_SECONDS):
            content = _awaited(redis, tag)
        if content is not None:
            return content
    except RedisError as error:
        log.warning("Redis does not answer, a download is written for one request: %s", error)
        return write().encode()
    text = write().encode()
    _keep(redis, tag, text)
    return text


def _keep(redis: Redis, tag: str, text: bytes) -> None:
    try:
        redis.set(_name(tag), zlib.compress(text, 6), ex=KEPT_SECONDS)
        redis.delete(_name(tag, "busy"))
    except RedisError as error:
        log.warning("Redis did not keep a download: %s", error)


def _stored(redis: Redis, tag: str) -> bytes | None:
    content = redis.get(_name(tag))
    try:
        return zlib.decompress(content) if isinstance(content, bytes) else None
    except zlib.error:
        return None


def _awaited(redis: Redis, tag: str) -> bytes | None:
    """What another request is writing; None when it takes too long or ends without."""
    until = time.monotonic() + MOST_WAIT_SECONDS
    while time.monotonic() < until and redis.exists(_name(tag, "busy")):
        time.sleep(0.1)
    return _stored(redis, tag)


def _name(tag: str, what: str = "download") -> str:
    return f"civicswitchboard:{config.site_id()}:{what}:{tag}"


# The largest is not quite a megabyte.
MOST_PIECES = 16
_pieces: OrderedDict[tuple[Hashable, ...], Markup] = OrderedDict()


def piece(
    template: str,
    shown: dict[str, Any],
    depends: tuple[Hashable, ...],
    make_variables: Callable[[], dict[str, Any]],
) -> Markup:
    """A part of a version's page as HTML, rendered once for all that depends on the same.

    Its links and words are those of the request's language and address.

    :param template: the snippet; it may ask for no scripts or styles, and nothing of the request or reader
    :param shown: the version, as of civicswitchboard_schema_show
    :param depends: what its variables depend on beside the version
    :param make_variables: makes the snippet's variables
    """
    if not shown["published"]:
        # The document comes with the software: nobody says when it changed.
        return _rendered(template, make_variables())
    around = (str(tk.h.lang()), str(tk.h.url_for("civicswitchboard_metadata_schema.show")))
    key = (template, shown["version"], shown["published"], *depends, *around)
    rendered = _pieces.pop(key, None)
    if rendered is None:
        rendered = _rendered(template, make_variables())
    _pieces[key] = rendered
    while len(_pieces) > MOST_PIECES:
        _pieces.popitem(last=False)
    return rendered


def _rendered(template: str, variables: dict[str, Any]) -> Markup:
    return Markup(tk.render_snippet(template, variables).strip())
