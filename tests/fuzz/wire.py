"""Requests as bytes on the wire, of which a test's client makes none: bad request lines, headers and encodings."""
from __future__ import annotations

import socket
import time
from random import Random
from urllib.parse import urlsplit

PATHS = ["/", "/dataset/", "/dataset/open", "/metadata-schema", "/metadata-schema/versions", "/metadata-schema/draft", "/partners",
         "/api/3/action/package_search", "/api/3/action/civicswitchboard_schema_show", "/api/3/action/civicswitchboard_partner_search",
         "/metadata-schema/form-news", "/extents/places/x", "/organization/public-library"]
QUERIES = [b"", b"?q=%", b"?q=%ff%fe", b"?q=%zz", b"?%00=%00", b"?q=\xff\xfe", b"?q=%ed%a0%80", b"?rows=%20", b"?page=%20", b"?" + b"a=b&" * 300,
           b"?q=" + b"%25" * 2000, b"?;;&&==", b"?q=a#b", b"?ext_bbox=%00,%ff,1,1", b"?version=%d9%a1"]
ODD_PATHS = [b"/%00", b"/%ff", b"/dataset/%ed%a0%80", b"/dataset/%2e%2e%2f", b"//evil.example/", b"/\xff\xfe", b"/dataset/%", b"http://x/",
             b"/metadata-schema/versions/%d9%a1", b"/metadata-schema/vocabularies/%00.csv", b"/dataset/" + b"a" * 6000]
HEADERS = [b"", b"Cookie: \xff=\xfe; ckan=%00\r\n", b"Accept-Language: \xff\r\n", b"Host: a b\r\n", b"Host: \xff\r\n", b"X-Forwarded-For: \x7f\r\n",
           b"Content-Type: \xff\r\n", b"Authorization: \xff\xfe\r\n", b"Authorization: x.y.z\r\n", b"If-None-Match: \xff\r\n", b"Referer: \xff\r\n",
           b"Content-Type: multipart/form-data; boundary=\xff\r\n", b"Content-Type: application/json; charset=\xff\r\n", b"HX-Request: \xff\r\n"]
BODIES = [b"", b"{", b"\xff\xfe", b"a=%ff&%=%", b'{"rows": " "}', b'{"id": "\xff"}', b"--b\r\n", b"\x1f\x8b\x08", b"[" * 3000, b'{"version": "\\u0000"}']
METHODS = [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"BREW", b"get", b"DELETE"]


def request(random: Random, token: str) -> bytes:
    """A request as bytes; it says how long its body is."""
    path = random.choice(PATHS).encode() + random.choice(QUERIES) if random.random() < 0.7 else random.choice(ODD_PATHS)
    method = random.choice(METHODS) if random.random() < 0.4 else random.choice((b"GET", b"POST"))
    body = random.choice(BODIES) if method != b"GET" else b""
    known = b"Authorization: %s\r\n" % token.encode() if random.random() < 0.5 else b""
    kind = b"Content-Type: application/json\r\n" if body and random.random() < 0.5 else b""
    length = b"Content-Length: %d\r\n" % len(body)
    return b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s%s%s%s\r\n%s" % (
        method, path, known, kind, random.choice(HEADERS), length, body)  # fmt: skip


def send(url: str, content: bytes, seconds: float) -> tuple[int, float]:
    """Send bytes to a server.

    :returns: the status of its answer, 0 where it ends the connection instead, and how many seconds that took
    :raises TimeoutError: when it does neither in time
    """
    place, began = urlsplit(url), time.monotonic()
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=seconds) as connection:
        connection.sendall(content)
        answer = b""
        try:
            while piece := connection.recv(65_536):
                answer += piece
                if time.monotonic() - began > seconds:
                    raise TimeoutError
        except ConnectionResetError:
            pass
    line = answer.partition(b"\r\n")[0].split()
    return int(line[1]) if len(line) > 1 else 0, time.monotonic() - began
