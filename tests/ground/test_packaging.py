"""The wheel and the source archive hold everything, and work beside ckanext-spatial."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from ground.environment import REQUIREMENTS, ROOT, UV

SOURCES = [
    "ckanext",
    "schemas",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
]
PACKAGE = "ckanext/civicswitchboard"
PLUGINS = ["civicswitchboard", "civicswitchboard_datasets", "civicswitchboard_organizations"]

LOOK = """
import json
from importlib import metadata
from importlib.resources import files

import ckanext.spatial
import ckanext.civicswitchboard as ours

points = [e for e in metadata.entry_points(group="ckan.plugins") if e.name.startswith("civicswitchboard")]
package = files(ours)
print(json.dumps({
    "where": ours.__path__[0],
    "spatial": ckanext.spatial.__file__,
    "plugins": sorted(e.name for e in points if e.load()),
    "schemas": sorted(e.name for e in files("ckanext.civicswitchboard.schemas").iterdir()),
    "folders": sorted(e.name for e in package.iterdir() if e.is_dir()),
    "declared": (package / "config_declaration.yaml").is_file(),
}))
"""


def shipped() -> set[str]:
    """What a wheel has to hold, as paths in it."""
    skipped = {"__pycache__"}
    code = {
        str(path.relative_to(ROOT))
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not skipped & set(path.parts)
    }
    schemas = {f"{PACKAGE}/{path.relative_to(ROOT)}" for path in (ROOT / "schemas").rglob("*.yaml")}
    return code | schemas


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """The folder with wheel and source archive of a copy, and what they have to hold."""
    folder = tmp_path_factory.mktemp("build")
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in SOURCES:
        source, target = ROOT / name, folder / "source" / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=unwanted)
        else:
            shutil.copy2(source, target)
    expected = shipped()
    run([sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(folder / "source")])
    return folder / "dist", expected


def run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_wheel_holds_every_file_of_the_package_and_the_schemas(built: tuple[Path, set[str]]) -> None:
    dist, expected = built
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    assert expected - held == set()
    assert "ckanext/__init__.py" not in held


def test_the_source_archive_holds_what_a_wheel_is_built_from(built: tuple[Path, set[str]]) -> None:
    dist, _ = built
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "schemas/dataset.yaml", f"{PACKAGE}/plugin.py"):
        assert name in held


def test_the_wheel_works_in_a_clean_environment_beside_spatial(
    built: tuple[Path, set[str]], tmp_path: Path
) -> None:
    dist, expected = built
    venv = tmp_path / "venv"
    python = str(venv / "bin" / "python")
    run([str(UV), "venv", "--python", sys.executable, str(venv)])
    install = [str(UV), "pip", "install", "--python", python]
    run([*install, "--require-hashes", "-r", str(REQUIREMENTS / "portal.txt")])
    run([*install, "--no-deps", str(next(dist.glob("*.whl")))])
    clean = {name: value for name, value in os.environ.items() if name != "CKAN_INI"}
    seen = json.loads(run([python, "-c", LOOK], cwd=tmp_path, env=clean).splitlines()[-1])

    assert seen["where"].startswith(str(venv))
    assert seen["spatial"].startswith(str(venv))
    assert seen["plugins"] == PLUGINS
    assert {"dataset.yaml", "organization.yaml", "partner_types.yaml", "vocabularies"} <= set(seen["schemas"])
    assert {path.split("/")[2] for path in expected if path.count("/") > 2} <= set(seen["folders"])
    assert seen["declared"]
