"""Schema files in the shapes that public portals use: each one is checked, taken over, used and left again.

Every file, or folder of files, in ``corpus/`` has a feature that no other one has, which its name
says. The records of all of them end up in one portal with CKAN and ckanext-scheming alone: each
under a type of its own, since all of them are schemas of the same type.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from adoption.test_leaving import stock_portal
from ckan import model
from ckan.tests import factories, helpers
from conftest import empty_our_tables
from records.test_forms import fields_of
from werkzeug.datastructures import MultiDict

from ckanext.civicswitchboard.schema_registry import versions

HERE = Path(__file__).parent
CORPUS = sorted((HERE / "corpus").iterdir())
RECORDS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "corpus_records.yaml").read_text())
OF_ORGANIZATIONS = [path for path in CORPUS if path.stem.startswith("an-organization")]
OF_DATASETS = [path for path in CORPUS if path not in OF_ORGANIZATIONS]

Raw = dict[str, Any]
Run = Callable[..., Any]


@dataclass(frozen=True)
class Left:
    """What stock scheming is to serve.

    :ivar schema: the file that `detach` wrote, under the record's own type
    :ivar presets: the presets file that goes with it
    :ivar shown: the record as it was shown before
    """

    schema: Path
    presets: Path
    shown: Raw


LEFT: dict[str, Left] = {}
USER: dict[str, Any] = {}


@pytest.fixture
def corpus_portal(kept: Any, with_plugins: Any, request: Any) -> Iterator[None]:
    """A portal with the records of the files before, and no version of the shared schema."""
    if kept.portal != "corpus_portal":
        request.getfixturevalue("clean_portal")
        kept.portal = "corpus_portal"
        LEFT.clear()
        USER.update(factories.SysadminWithToken())
    empty_our_tables()
    yield
    empty_our_tables()


@pytest.fixture
def run_here(cli: Any, corpus_portal: None, monkeypatch: Any) -> Run:
    """`ckan civicswitchboard …` with a portal's own options."""
    from ckanext.civicswitchboard import config
    from ckanext.civicswitchboard.cli import civicswitchboard

    def run(*arguments: str, **files: list[str]) -> Any:
        monkeypatch.setattr(config, "scheming_files", lambda what: files.get(what, []))
        # Through `ckan` itself each command would load CKAN anew, which takes longer than all else here.
        done = cli.invoke(civicswitchboard, list(arguments))
        assert done.exit_code == 0, done.output
        return done

    return run


def files_of(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def options_of(path: Path) -> dict[str, list[str]]:
    """The options of ckan.ini that name a portal's files."""
    options: dict[str, list[str]] = {}
    for file in files_of(path):
        data = yaml.safe_load(file.read_text())
        for key, option in (
            ("dataset_type", "dataset_schemas"), ("organization_type", "organization_schemas"), ("presets", "presets"),
        ):
            if key in data:
                options.setdefault(option, []).append(str(file))
    return options


def test_the_corpus_has_a_record_for_each_file() -> None:
    assert len(CORPUS) >= 40 and {path.stem for path in CORPUS} == RECORDS.keys()
    assert {file.suffix for path in CORPUS for file in files_of(path)} == {".yaml", ".json"}


def taken_over(run: Run, path: Path) -> None:
    """Check the files and take them over: both say the same."""
    checked = run("adopt-check", *map(str, files_of(path)))
    *lines, verdict = checked.output.strip().splitlines()
    assert versions.newest() is versions.shipped()
    done = run("init", "--from-scheming", **options_of(path))
    assert "The portal's own schemas are version 1." in done.output
    told = [line[12:] for line in done.output.splitlines() if line.startswith("Attention   ")]
    # The rest is about the records of the files before, and the steward.
    remarks = [line for line in told if not line.startswith(("Records of types", "No organization is named"))]
    for place, text in (line.rsplit(": ", 1) if "given twice" in line else line.split(": ", 1) for line in remarks):
        assert place in checked.output and text in checked.output
    same = ("the portal has no schema", "yours is kept, for every organization")
    changes = [line for line in remarks if not any(words in line for words in same)]
    assert verdict.startswith("safe with changes: ") if changes else verdict == "safe" or "group_type" in verdict
    assert any(line.endswith("(title): title") for line in lines)


def act(action: str, /, **data: Any) -> Any:
    return helpers.call_action(action, {"user": USER["name"], "ignore_auth": True}, **data)


def edited_by_form(app: Any, address: str, changed: Raw) -> None:
    headers = {"Authorization": USER["token"]}
    sent = fields_of(app.get(address, headers=headers).body)
    for name in changed:
        assert name in dict(sent), f"{name} isn't in the form"
    sent = [(name, changed.get(name, value)) for name, value in sent]
    answer = app.post(address, headers=headers, data=MultiDict([*sent, ("save", "")]), follow_redirects=False)
    assert answer.status_code == 302, answer.body


def said(shown: Raw) -> Raw:
    """What a shown record says of itself, whether as a field or among the extras."""
    values = {**{extra["key"]: extra["value"] for extra in shown.get("extras") or []}, **shown}
    resources = [said(resource) for resource in values.get("resources", [])]
    left_out = ("extras", "resources", "type", "metadata_modified", "organization", "civicswitchboard_epoch", "url_type")
    filled = {key: _read(value) for key, value in values.items() if key not in left_out and value not in ("", [], None)}
    return {**filled, **({"resources": resources} if resources else {})}


def _read(value: Any) -> Any:
    """JSON as what it says: stock scheming and we may show texts by language one way or the other."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
    except ValueError:
        return value


@pytest.mark.parametrize("path", OF_DATASETS, ids=lambda path: path.stem)
def test_datasets_of_a_taken_over_schema(path: Path, run_here: Run, app: Any, tmp_path_factory: Any) -> None:
    record = RECORDS[path.stem]
    taken_over(run_here, path)
    owner = act("organization_create", name=f"of-{path.stem}")["id"]
    file = {"url": "http://example.org/1.csv", "name": "One", **record.get("resource", {})}
    made = act(
        "package_create", name=path.stem, title="Made", owner_org=owner, resources=[file], **record["values"]
    )
    for name, value in record.get("refused", {}).items():
        with pytest.raises(Exception, match=name):
            act("package_patch", id=made["id"], **{name: value})
        model.Session.rollback()
    package = model.Package.get(made["id"])
    package.extras = {**package.extras, **record.get("stored", {})}
    if "stored_resource" in record:
        package.resources[0].extras = record["stored_resource"]
    model.Session.commit()
    act("package_patch", id=made["id"], author="Patched", notes="Also")
    before = said(act("package_show", id=made["id"]))

    for page in ("", f"/resource/{made['resources'][0]['id']}"):
        assert app.get(f"/dataset/{path.stem}{page}").status_code == 200
    pages = versions.newest().form_pages
    edited_by_form(app, f"/dataset/edit/{path.stem}" + ("/1" if pages else ""), {"title": "Edited"})
    edited = said(act("package_show", id=made["id"]))
    assert edited == {**before, "title": "Edited"}
    if record.get("form"):
        edited_by_form(app, f"/dataset/edit/{path.stem}" + (f"/{record.get('page', 1)}" if pages else ""), record["form"])
        changed = said(act("package_show", id=made["id"]))
        differs = {key for key in {*edited, *changed} if edited.get(key) != changed.get(key)}
        assert differs == {key.split("-")[0] for key in record["form"]}

    folder = tmp_path_factory.mktemp(path.stem)
    run_here("detach", str(folder))
    leave(path.stem, folder, "dataset", act("package_show", id=made["id"]))
    model.Session.execute(sa.update(model.Package).where(model.Package.id == made["id"]).values(type=path.stem))
    model.Session.commit()


@pytest.mark.parametrize("path", OF_ORGANIZATIONS, ids=lambda path: path.stem)
def test_organizations_of_a_taken_over_schema(path: Path, run_here: Run, app: Any, tmp_path_factory: Any) -> None:
    record = RECORDS[path.stem]
    taken_over(run_here, path)
    made = act("organization_create", name=path.stem, title="Made", **record["values"])
    shown = act("organization_show", id=made["id"])
    assert {name: shown[name] for name in record["values"]} == record["values"]
    edited_by_form(app, f"/organization/edit/{path.stem}", {"title": "Edited"})
    run_here("partners", "set", path.stem, "public_library")
    for address in ("/partners", f"/organization/{path.stem}", f"/organization/about/{path.stem}"):
        assert app.get(address).status_code == 200
    assert act("civicswitchboard_partner_show", id=path.stem)["title"] == "Edited"
    shown = act("organization_show", id=made["id"])
    assert {name: shown[name] for name in record["values"]} == record["values"]
    folder = tmp_path_factory.mktemp(path.stem)
    run_here("detach", str(folder))
    leave(path.stem, folder, "organization", shown)
    model.Session.execute(sa.update(model.Group).where(model.Group.id == made["id"]).values(type=path.stem))
    model.Session.commit()


def leave(name: str, folder: Path, entity: str, shown: Raw) -> None:
    """Have what `detach` wrote be the schema of a type of its own."""
    schema = folder / f"{entity}.yaml"
    data = yaml.safe_load(schema.read_text())
    schema.write_text(yaml.safe_dump({**data, f"{entity}_type": name}))
    LEFT[name] = Left(schema, folder / "presets.yaml", shown)


def test_stock_scheming_serves_all_of_them_with_the_same_values(
    kept: Any, corpus_portal: None, tmp_path: Path
) -> None:
    assert LEFT
    datasets, organizations = [path.stem for path in OF_DATASETS], [path.stem for path in OF_ORGANIZATIONS]
    schemas = {
        option: " ".join(LEFT[name].schema.as_uri() for name in names if name in LEFT)
        for option, names in (("dataset_schemas", datasets), ("organization_schemas", organizations))
    }
    presets = next(iter(LEFT.values())).presets.as_uri()
    seen = stock_portal(tmp_path, [
        "ckan.plugins = scheming_datasets scheming_organizations scheming_nerf_index",
        *(f"scheming.{option} = {value}" for option, value in schemas.items()),
        f"scheming.presets = {presets} ckanext.scheming:presets.json",
    ], "all")
    assert seen["refused"] == {}
    for name in LEFT.keys() & set(datasets):
        shown = said(LEFT[name].shown)
        assert said(seen["before"][name]) == shown, name
        assert said(seen["after"][name]) == shown, name
        assert seen["pages"][name] == [200, 200], name
    for name in LEFT.keys() & set(organizations):
        for key in RECORDS[name]["values"]:
            assert _read(seen["organizations"][name][key]) == _read(LEFT[name].shown[key]), (name, key)
