"""The one Snapshot in sight.

Whoever needs the shared schema asks :func:`current`. Where the Snapshot comes from is
decided here alone: today the shipped files; a source that reads published versions takes
their place without any caller noticing.
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from ckanext.civicswitchboard.core.compiler import Presets, Snapshot, compile_document
from ckanext.civicswitchboard.core.files import read_folder, read_presets

_pinned: ContextVar[Snapshot | None] = ContextVar("civicswitchboard_snapshot", default=None)


def current() -> Snapshot:
    """The Snapshot that this request, job or command works with."""
    return _pinned.get() or _shipped()


@contextmanager
def pinned(snapshot: Snapshot) -> Iterator[Snapshot]:
    """Work with one Snapshot throughout, whatever is published meanwhile.

    :param snapshot: the Snapshot that :func:`current` gives inside
    """
    token = _pinned.set(snapshot)
    try:
        yield snapshot
    finally:
        _pinned.reset(token)


@lru_cache(maxsize=1)
def _shipped() -> Snapshot:
    with as_file(files("ckanext.civicswitchboard.schemas")) as folder:
        return compile_document(read_folder(Path(folder)), version=1, presets=presets())


@lru_cache(maxsize=1)
def presets() -> Presets:
    """Field types in scheming's form: its own, and ours over them."""
    stock: dict[str, Any] = json.loads((files("ckanext.scheming") / "presets.json").read_text())
    with as_file(files("ckanext.civicswitchboard.schemas") / "presets.yaml") as path:
        ours = read_presets(Path(path))
    return {**{each["preset_name"]: each["values"] for each in stock["presets"]}, **ours}
