"""Filters in a filter query, rewritten to what the search engine knows.

``partner_type:"x"`` and ``partner_sector:"x"`` are nothing that the search engine knows.
Here they become ``owner_org:(a OR b)``, wherever they stand in a query; a form
that cannot be rewritten exactly is refused.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# What a filter's value means: the ids of organizations, which no renaming changes.
Resolve = Callable[[str, str], frozenset[str]]

NOBODY = "(*:* -*:*)"

_CLAUSE = re.compile(r"(partner_type|partner_sector)\s*:\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WORD = re.compile(r"\w[\w-]*")
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]*")
_ANY = frozenset({"OR", "||"})
_ALL = frozenset({"AND", "&&"})
_GROUPED = re.compile(rf"{_QUOTED.pattern}|(\|\||&&|\w[\w-]*)|\s+")
_JOINED_BEFORE = re.compile(r"(?:\b(?:AND|OR|NOT)|&&|\|\||[+\-!])\s*\Z")
_JOINED_AFTER = re.compile(r"\s*(?:(?:AND|OR)\b|&&|\|\|)")

# How far before a clause a word that joins it may stand.
_NEAR = 40


class UnreadableFilter(ValueError):
    """A filter by partner that cannot be rewritten."""


@dataclass(frozen=True)
class _Clause:
    """One filter in a query.

    :ivar start: where it begins
    :ivar end: where what follows it begins
    :ivar ids: the organizations that it means
    :ivar alone: whether nothing but a space joins it with what stands beside it
    """

    field: str
    start: int
    end: int
    ids: frozenset[str]
    alone: bool


def rewrite(query: str, resolve: Resolve) -> str:
    """A filter query with organizations in place of what says which partners.

    Sectors that stand side by side mean any of them: an address repeats the parameter for
    that. Types that do narrow, as every facet does.

    :param query: a filter query
    :param resolve: gives the organizations of a field's value
    :raises UnreadableFilter: when a filter has a form that cannot be rewritten
    """
    if not _CLAUSE.search(query):
        return query
    clauses = list(_clauses(query, resolve))
    beside = [c for c in clauses if c.field == "partner_sector" and c.alone]
    anyone = frozenset().union(*(clause.ids for clause in beside))
    rewritten, at = "", 0
    for clause in clauses:
        rewritten += query[at : clause.start]
        if clause not in beside:
            rewritten += published_by(clause.ids)
        elif clause is beside[0]:
            rewritten += published_by(anyone)
        at = clause.end
    return rewritten + query[at:]


def under_every_name(query: str, names: Mapping[str, Sequence[str]]) -> str:
    """A filter query that looks for a field's value under each of the field's names.

    :param query: a filter query
    :param names: all names of a field, by each of them; not empty
    """
    known = "|".join(map(re.escape, names))
    # What stands in quotes is passed over as a whole.
    clause = re.compile(
        rf'(?<![\w\\])({known})\s*:\s*("(?:[^"\\]|\\.)*"|[\w-]+(?=[\s)]|\Z))|"(?:[^"\\]|\\.)*"'
    )

    def all_of_them(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]
        return "({})".format(" OR ".join(f"{name}:{match[2]}" for name in names[match[1]]))

    return clause.sub(all_of_them, query)


def published_by(ids: frozenset[str]) -> str:
    """The filter for what organizations publish; for nobody one that nothing passes."""
    if not ids:
        return NOBODY
    return "owner_org:({})".format(" OR ".join(map(_term, sorted(ids))))


def _term(id_: str) -> str:
    """An id as Solr reads it: unquoted, any number of them make one list that has no limit."""
    return id_ if _PLAIN.fullmatch(id_) else '"{}"'.format(id_.replace('"', ""))


def _clauses(query: str, resolve: Resolve) -> Iterator[_Clause]:
    at = depth = 0
    while at < len(query):
        if query[at] == "\\":
            at += 2
        elif query[at] == '"':
            at = _after_quoted(query, at)
        elif (match := _CLAUSE.match(query, at)) and _may_begin(query, at):
            names, end = _operand(query, match.end(), match[1], resolve)
            alone = not depth and not _is_joined(query, at, end)
            yield _Clause(match[1], at, end, names, alone)
            at = end
        else:
            depth += {"(": 1, ")": -1}.get(query[at], 0)
            at += 1


def _may_begin(query: str, at: int) -> bool:
    """Whether a field's name can begin here, and is not the end of a longer one."""
    before = query[max(0, at - 2) : at]
    if before[-1:] in ("+", "-", "!"):
        before = before[:-1]
    return not before or before[-1].isspace() or before[-1] in "(+-!&|"


def _is_joined(query: str, start: int, end: int) -> bool:
    """Whether a word or sign joins a clause with what stands before or after it."""
    before = query[max(0, start - _NEAR) : start]
    return bool(_JOINED_BEFORE.search(before) or _JOINED_AFTER.match(query, end))


def _operand(query: str, at: int, field: str, resolve: Resolve) -> tuple[frozenset[str], int]:
    if query[at : at + 1] == "(":
        names, end = _group(query, at, field, resolve)
    elif match := _QUOTED.match(query, at):
        names, end = resolve(field, _unescaped(match[1])), match.end()
    elif (match := _WORD.match(query, at)) and match[0] not in ("AND", "OR", "NOT"):
        names, end = resolve(field, match[0]), match.end()
    else:
        raise _unreadable(field)
    if query[end : end + 1].strip() not in ("", ")"):
        raise _unreadable(field)
    return names, end


def _group(query: str, at: int, field: str, resolve: Resolve) -> tuple[frozenset[str], int]:
    """Several values in brackets, all joined in the same way."""
    values: list[frozenset[str]] = []
    joints: list[bool] = []
    pending: bool | None = None
    at += 1
    while query[at : at + 1] != ")":
        match = _GROUPED.match(query, at)
        if not match:
            raise _unreadable(field)
        at = match.end()
        quoted, word = match[1], match[2]
        if word in _ANY or word in _ALL:
            if pending is not None or not values:
                raise _unreadable(field)
            pending = word in _ANY
        elif word == "NOT":
            raise _unreadable(field)
        elif quoted is not None or word:
            if values:
                # Without a word between them core's searches ask for all.
                joints.append(bool(pending))
            values.append(resolve(field, word or _unescaped(quoted)))
            pending = None
    if not values or pending is not None or len(set(joints)) > 1:
        raise _unreadable(field)
    combine = frozenset.union if any(joints) else frozenset.intersection
    return combine(*values), at + 1


def _after_quoted(query: str, at: int) -> int:
    match = _QUOTED.match(query, at)
    return match.end() if match else len(query)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _unreadable(field: str) -> UnreadableFilter:
    return UnreadableFilter(field)
