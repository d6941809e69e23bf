"""The core of the extension needs neither CKAN nor a database."""
from __future__ import annotations

import subprocess
import sys

IMPORT_WITHOUT = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"ckan", "sqlalchemy", "flask"}:
            raise ImportError(f"the core must not import {name}")

sys.meta_path.insert(0, Refuse())
import ckanext.civicswitchboard.core as core

names = [each.name for each in pkgutil.walk_packages(core.__path__, core.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def test_every_module_of_the_core_imports_without_ckan_and_sqlalchemy() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_WITHOUT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
