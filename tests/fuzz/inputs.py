"""Inputs that nobody expects: values, changes of a call that succeeds, and ways to send one.

A generator of its own, not hypothesis: the number of inputs and the share of each kind are asked
for, each input is sent to a portal whose state goes on, and none is shrunk.
"""
from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from fuzz.calls import Call

LONG, DEEP = 100_000, 3_000


def nested(kind: str, depth: int) -> Any:
    """A list or a dict in itself, so and so deep."""
    value: Any = "x"
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


# Each is a value for any parameter; those that Python can't write as JSON are written by `text_of`.
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**64), 10**400, 1.5, 1e308, float("nan"), float("inf"),
    "", " ", "\t\n", "\0", "a\0b", "\ud800", "a\udfffb", "\ufeff", "\u202e", "x", "é" * 300, "x" * LONG,
    "9" * 5000, "-1", "1.5", "1e9", "0x10", "١٢", "²", "NaN", "true", "null", "None", "draft", "[]", "{}", "[1", '{"a":',
    '["a", 1]', '{"type": "Point", "coordinates": ["a"]}', "[" * DEEP, '{"a":' * DEEP, "'; DROP TABLE x; --", "%00", "%s", "{0}",
    "../../etc/passwd", "<script>", "{!knn f=x}", "*:*", "a:b:c", "(((", '"', "\\", "a OR", "[* TO", "partner_type:",
    "partner_type:(a OR", "http://[", "//evil.example", "javascript:x", "9999-99-99", "0000-00-00", "2019-13",
    "-99999999", [], {}, [None], [[]], [{}], {"": ""}, {"a": None}, ["x"] * 2_000, [1, "a", None, {}], {"a": {"b": []}},
    ["\0"], {"\0": "a"}, {"id": "open"}, {"name": "x" * 3000}, nested("list", 60), nested("dict", 60), [nested("list", 400)],
    nested("dict", 400), {str(n): n for n in range(500)},
]
# Names of parameters that actions and pages read, or that Flask and CKAN's helpers take.
NAMES = [
    "id", "name", "title", "type", "state", "limit", "offset", "rows", "start", "page", "q", "fq", "fq_list", "sort", "fl",
    "facet", "facet.field", "facet.limit", "facet.mincount", "extras", "ext_bbox", "ext_place", "ext_west", "ext_south",
    "include_drafts", "include_private", "include_deleted", "use_default_schema", "include_extras", "include_datasets",
    "all_fields", "organizations", "groups", "users", "tags", "tag_string", "resources", "owner_org", "version", "revision",
    "document", "note", "kind", "params", "field", "entity", "text", "reply", "partner_type", "partner_sector", "role", "also_acts_as",
    "_external", "_anchor", "_method", "_scheme", "locale", "qualified", "controller", "action", "callback", "save", "upload",
    "clear_upload", "url", "format", "url_type", "license_id", "private", "spatial", "came_from", "form", "term", "from", "to",
    "language", "__junk", "__extras", "__before", "pkg_name", "_ckan_phase", "metadata_modified", "mission_alignment", "spaces",
    "service_area", "roles", "q.op", "df", "qf", "defType", "bf", "boost", "mm", "wt", "fields", "match", "update", "order",
]
CONTENT_TYPES = [
    "application/json", "application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=b", "multipart/mixed; boundary=b", "a", "/", "\xff/\xff",
    "application/xml", "application/octet-stream",
]
METHODS = ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "BREW"]
HEADERS = [
    ("Accept-Language", "\xff;q=x"), ("Cookie", "ckan=\xff; a=;;;=b"), ("HX-Request", "true"), ("HX-Target", "\xff"),
    ("Referer", "http://["), ("Referer", "//evil.example"), ("X-Forwarded-Host", "a b"), ("Content-Encoding", "gzip"),
    ("Content-Language", "xx"), ("Accept", "\xff"), ("If-None-Match", '"'), ("If-Modified-Since", "yesterday"),
    ("Range", "bytes=-1"), ("X-CSRFToken", "\xff"), ("Accept-Encoding", "x" * 5000), ("Transfer-Encoding", "chunked"),
]


@dataclass(frozen=True)
class Sent:
    """A request as it is sent.

    :ivar target: what is asked, as of :class:`fuzz.calls.Call`
    :ivar how: which changes were made
    :ivar from_success: whether it is a change of a call that succeeds, sent the usual way
    """

    target: str
    method: str
    path: str
    content: bytes = b""
    content_type: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    how: str = ""
    from_success: bool = False

    def __str__(self) -> str:
        shown = repr(self.content[:600])
        return (f"{self.method} {self.path[:300]!r} {self.content_type!r} {self.headers} [{self.how}]"
                f" {len(self.content)} bytes {shown}")


def text_of(value: Any) -> str:
    """JSON, also of what is too deep for Python's own writer."""
    try:
        return json.dumps(value)
    except RecursionError:
        return "[" * DEEP + "]" * DEEP


def mutated(random: Random, call: Call) -> Sent:
    """A call that succeeds with one or two changes of its body or query, sent the usual way."""
    body, query, how = copy.deepcopy(call.body), dict(call.query), []
    for _ in range(random.choice((1, 1, 1, 2))):
        if query and (not body or random.random() < 0.5):
            how.append(_change_flat(random, query))
        elif call.is_action:
            how.append(_change(random, body))
        elif call.method == "POST":
            how.append(_change_flat(random, body))
        else:
            how.append(_change_flat(random, query))
    sent = Sent(call.target, call.method, _address(call.path, query), how="; ".join(how), from_success=True)
    if call.is_action:
        return replace(sent, content=text_of(body).encode(), content_type="application/json")
    if call.method == "POST":
        return _form(random, sent, body)
    return sent


def odd(random: Random, call: Call) -> Sent:
    """A call with anything for what it takes, or sent in an odd way."""
    ways = (_anything, _as_form, _as_query, _broken_json, _odd_encoding, _odd_type, _odd_method, _odd_header, _odd_path,
            _broken_multipart, _upload)
    way = random.choice(ways)
    return replace(way(random, call), how=way.__name__.strip("_"), from_success=False)


def _value(random: Random) -> Any:
    return copy.deepcopy(random.choice(VALUES))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value, by the keys that lead there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _change(random: Random, body: dict[str, Any]) -> str:
    """Change something in a body, in place; a place in a long document is as likely as another parameter."""
    top = [(key,) for key in body]
    chosen = random.random()
    if chosen < 0.15 or not top:
        name = random.choice(NAMES)
        body[name] = _value(random)
        return f"+{name}={_short(body[name])}"
    places = top if chosen < 0.55 else [*_places(body)]
    *to, last = random.choice(places)
    holder: Any = body
    for key in to:
        holder = holder[key]
    if chosen > 0.93:
        del holder[last]
        return f"-{[*to, last]}"
    before = holder[last]
    kinds = [lambda: _value(random), lambda: [before], lambda: {"a": before}, lambda: [before, before], lambda: str(before) + "\0"]
    holder[last] = random.choice(kinds)() if random.random() < 0.3 else _value(random)
    return f"{[*to, last]}={_short(holder[last])}"


def _change_flat(random: Random, given: dict[str, Any]) -> str:
    """Change something in a query or form, in place."""
    name = random.choice([*given]) if given and random.random() < 0.7 else random.choice(NAMES)
    if given and random.random() < 0.05:
        return f"-{name}={given.pop(name, None)!r}"
    value = _value(random)
    given[name] = [_plain(each) for each in value[:20]] if isinstance(value, list) else _plain(value)
    return f"{name}={_short(given[name])}"


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else text_of(value)
    return text[:20_000]


def _short(value: Any) -> str:
    return text_of(value)[:80]


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


def _address(path: str, query: dict[str, Any]) -> str:
    pairs = [(name, each) for name, value in query.items() for each in (value if isinstance(value, list) else [value])]
    # A server refuses a longer line by itself.
    text = "&".join(f"{_quoted(str(name))}={_quoted(_plain(value))}" for name, value in pairs)[:8_000]
    return f"{path}?{text}" if text else path


def _form(random: Random, sent: Sent, body: dict[str, Any]) -> Sent:
    pairs = [(name, each) for name, value in body.items() for each in (value if isinstance(value, list) else [value])]
    if random.random() < 0.5:
        content = "&".join(f"{_quoted(name)}={_quoted(_plain(value))}" for name, value in pairs).encode()
        return replace(sent, content=content, content_type="application/x-www-form-urlencoded")
    parts = [_part(name, _plain(value)) for name, value in pairs]
    return replace(sent, content=b"".join(parts) + b"--b--\r\n", content_type="multipart/form-data; boundary=b")


def _part(name: str, value: str, file: str | None = None) -> bytes:
    shown = f'; filename="{file}"' if file is not None else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'
    return f"{head}{value}\r\n".encode("utf-8", "surrogatepass")


def unchanged(call: Call, **more: Any) -> Sent:
    """A call the usual way, but for what is said."""
    sent = Sent(call.target, call.method, _address(call.path, call.query))
    if call.is_action:
        sent = replace(sent, content=text_of(call.body).encode(), content_type="application/json")
    elif call.method == "POST":
        content = urlencode({key: str(value) for key, value in call.body.items()}).encode()
        sent = replace(sent, content=content, content_type="application/x-www-form-urlencoded")
    return replace(sent, **more)


def _anything(random: Random, call: Call) -> Sent:
    names = random.sample([*call.body, *call.query, *NAMES], k=random.randint(1, 4))
    given = {name: _value(random) for name in names}
    if random.random() < 0.2 and call.is_action:
        return unchanged(call, content=text_of(_value(random)).encode())
    return mutated(random, replace(call, body=given, query={} if call.is_action else given))


def _as_form(random: Random, call: Call) -> Sent:
    return _form(random, unchanged(call), {**call.body, random.choice(NAMES): _value(random)})


def _as_query(random: Random, call: Call) -> Sent:
    given = {**call.body, **call.query, random.choice(NAMES): _value(random)}
    return unchanged(call, method="GET", content=b"", content_type="", path=_address(call.path, given))


def _broken_json(random: Random, call: Call) -> Sent:
    text = text_of(call.body or {"id": "open"})
    cut = random.randrange(len(text))
    texts = [
        text[:cut], text + "}", "\ufeff" + text, "NaN", "[" * DEEP, '{"a":' * DEEP, '{"id": 1e999}', '{"id": ' + "9" * 5000 + "}",
        '{"id": "a", "id": "b"}', "", "null", "0", '"x"', "[]", '{"\\ud800": "\\udfff"}', "{'id': 'x'}", text * 2,
        '{"id": ' + "[" * 500 + "]" * 500 + "}", '{"id": ' + "[" * 20_000 + "]" * 20_000 + "}",
    ]
    return unchanged(call, method="POST", content=random.choice(texts).encode("utf-8", "surrogatepass"), content_type="application/json")


def _odd_encoding(random: Random, call: Call) -> Sent:
    text = text_of(call.body or {"id": "é"})
    kinds = [text.encode("utf-16"), text.encode("utf-32"), text.encode("latin-1", "replace") + b"\xe9\xff", b"\xff\xfe" + text.encode(),
             b"\x1f\x8b\x08\x00" + text.encode(), b"a=%ff%fe&b=%e9", b"%", b"a=%zz", b"\xff=\xff&%00=%00"]
    return unchanged(call, method="POST", content=random.choice(kinds), content_type=random.choice(CONTENT_TYPES))


def _odd_type(random: Random, call: Call) -> Sent:
    return unchanged(call, method="POST", content=unchanged(call).content or b"a=b", content_type=random.choice(CONTENT_TYPES))


def _odd_method(random: Random, call: Call) -> Sent:
    return unchanged(call, method=random.choice(METHODS))


def _odd_header(random: Random, call: Call) -> Sent:
    return unchanged(call, headers=[random.choice(HEADERS)])


def _odd_path(random: Random, call: Call) -> Sent:
    """Another last part of the address, or another part of it."""
    parts = call.path.split("/")
    place = random.randrange(1, len(parts))
    texts = ["%00", "%ff", "%ed%a0%80", "%2F", "..", "%2e%2e", "x" * 3000, "", "%20", "é", "0", "-1", "9" * 40, "%25", "%0a", "draft", ";a=b", "%C0%AF"]
    parts[place] = random.choice(texts)
    usual = unchanged(call)
    return replace(usual, path=_address("/".join(parts), call.query))


def _broken_multipart(random: Random, call: Call) -> Sent:
    name = random.choice([*call.body, *NAMES])
    whole = _part(name, _plain(_value(random)))
    kinds = [
        whole, b"--b\r\n" + whole, whole.replace(b"\r\n", b"\n"), b"--b--", b"--b\r\n\r\n\r\n--b--\r\n", b"", whole[: len(whole) // 2],
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", _part(name, "x", "") + b"--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="\xff"\r\nContent-Type: \xff\r\n\r\n\xff\r\n--b--\r\n',
        b"".join(_part(f"n{n}", "x") for n in range(1_100)) + b"--b--\r\n", _part(name, "x" * 600_000) + b"--b--\r\n",
        _part("x" * 20_000, "x") + b"--b--\r\n",
    ]
    return unchanged(call, method="POST", content=random.choice(kinds), content_type="multipart/form-data; boundary=b")


def _upload(random: Random, call: Call) -> Sent:
    """A file where a text is expected, or a file with an odd name."""
    name = random.choice([*call.body, "upload", "image_upload", "id", "file", "list"])
    file = random.choice(["", "a.csv", "../../x", "a\\b", "x" * 3000, "é.csv", "\0.csv", ".htaccess", "a.svg", "a.ttl", "a.jsonld"])
    text = random.choice(["", "a,b\n1,2", "\0", "<svg/>", "[" * DEEP, '{"@graph": [' * 50, "@prefix : <x> ."])
    others = b"".join(_part(key, _plain(value)) for key, value in call.body.items() if key != name)
    return unchanged(call, method="POST", content=others + _part(name, text, file) + b"--b--\r\n",
                 content_type="multipart/form-data; boundary=b")
