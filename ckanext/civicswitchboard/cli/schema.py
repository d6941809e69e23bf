"""``ckan civicswitchboard schema``: read, take away and check the shared schema."""
from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import ckan.plugins.toolkit as tk
import click

from ckanext.civicswitchboard.cli.partners import text
from ckanext.civicswitchboard.core.document import Document, DocumentError, dump
from ckanext.civicswitchboard.core.files import emit_yaml, read_file, read_folder
from ckanext.civicswitchboard.core.outline import Part, parts
from ckanext.civicswitchboard.core.tables import fields_csv
from ckanext.civicswitchboard.core.wording import ENTITIES
from ckanext.civicswitchboard.metadata_schema import live


@click.group(short_help="Read, take away and check the shared schema.")
def schema() -> None:
    """Read, take away and check the shared schema."""


@schema.command()
def show() -> None:
    """What the current version holds."""
    snapshot = live.current()
    steward = tk.get_action("civicswitchboard_steward_show")({}, {})
    click.echo(f"{text(snapshot.document.title)}, version {snapshot.version}")
    click.echo(f"Maintained by: {steward['title'] or 'no partner yet'}")
    for part in parts(snapshot.document):
        _show_part(part)
    click.echo(_counts(snapshot.document))


def _show_part(part: Part) -> None:
    click.echo(f"\n{ENTITIES[part.entity]}")
    for group in part.groups:
        if group.section:
            click.echo(f"  {text(group.section.label)}")
        for field in group.fields:
            state = "retired" if field.state == "retired" else field.expectation
            click.echo(f"    {field.field_name:<24} {state:<12} {text(field.label)}")


def _counts(document: Document) -> str:
    fields = sum(len(part.fields) for part in parts(document))
    terms = sum(len(vocabulary.terms) for vocabulary in document.vocabularies)
    return (
        f"\n{fields} fields, {len(document.vocabularies)} vocabularies with {terms} terms,"
        f" {len(document.partner_types)} partner types"
    )


_FORMS: dict[str, Callable[[Document], str]] = {
    "yaml": lambda document: emit_yaml(dump(document)),
    "json": lambda document: json.dumps(dump(document), ensure_ascii=False, indent=2) + "\n",
    "csv": lambda document: "\ufeff" + fields_csv(document, text),
}


@schema.command()
@click.option("--format", "form", type=click.Choice(list(_FORMS)), default="yaml", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A file, instead of the screen.")
def export(form: str, output: Path | None) -> None:
    """The current version: all of it as YAML or JSON, or its fields as CSV."""
    content = _FORMS[form](live.current().document).encode()
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"Written to {output}.", err=True)


@schema.command()
@click.argument("file", type=click.Path(path_type=Path))
def validate(file: Path) -> None:
    """Whether FILE can be a version of the shared schema.

    FILE is a YAML or JSON file, or a folder in the form of the shipped one.
    """
    try:
        document = read_folder(file) if file.is_dir() else read_file(file)
    except DocumentError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        raise click.ClickException(f"{file} cannot be used:\n{faults}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}") from error
    click.echo(f"{file} can be used.{_counts(document)}")
