"""What the extension imports is what setup.py declares."""
from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Enabled as a plugin in the portal's configuration, without being imported.
PLUGINS = {"ckanext-spatial"}
# Wheels that are the same library under another name (requirements/override.txt).
SAME = {"psycopg2-binary": "psycopg2"}


def names(requirements: list[str]) -> set[str]:
    """The distributions in a list of requirements."""
    return {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line)[0]).lower() for line in requirements}  # type: ignore[index]


def imported() -> Iterator[str]:
    """The top-level modules that the package imports, with extensions of CKAN as ``ckanext.NAME``."""
    for file in (ROOT / "ckanext").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found = [node.module]
            for module in found:
                parts = module.split(".")
                yield ".".join(parts[: 2 if parts[0] == "ckanext" else 1])


def distributions() -> set[str]:
    """What has to be installed for these imports, beside what CKAN itself requires."""
    own = {"ckanext.civicswitchboard", "ckanext.activity", *sys.stdlib_module_names}
    modules = set(imported()) - own
    known = packages_distributions()
    found = {module.replace(".", "-") for module in modules if module.startswith("ckanext.")}
    found |= names([name for module in modules for name in set(known.get(module, []))])
    return {SAME.get(name, name) for name in found} - names(requires("ckan") or [])


def test_every_import_is_declared_and_every_declaration_is_imported() -> None:
    (call,) = [
        node for node in ast.walk(ast.parse((ROOT / "setup.py").read_text()))
        if isinstance(node, ast.keyword) and node.arg == "install_requires"
    ]
    declared = names(ast.literal_eval(call.value))
    assert declared - PLUGINS == distributions()
