"""Docstrings describe the parameters that functions have."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Actions describe what is in their data_dict; wrapped ones what the caller sends.
SENT = {"data_dict", "original"}


def described_but_missing() -> Iterator[str]:
    for file in sorted((ROOT / "ckanext").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            names = {argument.arg for argument in every if argument}
            described = re.findall(r":param (\w+):", ast.get_docstring(node) or "")
            if not names & SENT:
                yield from (f"{file.relative_to(ROOT)}: {node.name}({name})" for name in described if name not in names)


def test_every_described_parameter_exists() -> None:
    assert list(described_but_missing()) == []
