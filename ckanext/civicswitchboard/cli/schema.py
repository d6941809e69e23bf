"""``ckan civicswitchboard schema``: read, export, check, publish and restore the shared schema."""
from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import click

from ckanext.civicswitchboard.cli.partners import text
from ckanext.civicswitchboard.core.formats.csv_fields import fields_csv
from ckanext.civicswitchboard.core.formats.csv_terms import terms_csv
from ckanext.civicswitchboard.core.formats.dctap import dctap_csv
from ckanext.civicswitchboard.core.formats.skos import write_skos
from ckanext.civicswitchboard.core.formats.vocabulary_files import (
    SKOS_FILES,
    TABLES,
    vocabulary_of,
    with_vocabulary,
)
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, Vocabulary, dump, parse
from ckanext.civicswitchboard.core.schema.labels import ENTITIES
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.outline import Part, parts
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml, read_file, read_folder
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.schema_registry.urls import vocabularies_address


@click.group(short_help="Read, export, check, publish and restore the shared schema.")
def schema() -> None:
    """Read, export, check, publish and restore the shared schema."""


@schema.command()
def show() -> None:
    """Show the current version: its sections, fields and counts."""
    snapshot = versions.current()
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
    "dctap": lambda document: "\ufeff" + dctap_csv(document, text),
}

# The forms of one controlled vocabulary.
_TERMS: dict[str, Callable[[Vocabulary], str]] = {
    "skos-turtle": lambda vocabulary: write_skos(vocabulary, "turtle", vocabularies_address()),
    "skos-json-ld": lambda vocabulary: write_skos(vocabulary, "json-ld", vocabularies_address()),
    "terms-csv": lambda vocabulary: "\ufeff" + terms_csv(vocabulary),
}


@schema.command()
@click.option(
    "--format", "form", type=click.Choice([*_FORMS, *_TERMS]), default="yaml", show_default=True
)
@click.option("--vocabulary", "-v", help="The id of a vocabulary, for SKOS and terms-csv.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to this file.")
def export(form: str, vocabulary: str | None, output: Path | None) -> None:
    """Export the current version as YAML or JSON, its fields as CSV or its application profile as DCTAP.

    With --vocabulary, export one controlled vocabulary as SKOS, or its terms as CSV.
    """
    document = versions.current().document
    if form in _TERMS:
        text = _TERMS[form](_vocabulary(document, vocabulary))
    elif vocabulary:
        raise click.ClickException(f"Use --vocabulary only with --format {', '.join(_TERMS)}.")
    else:
        text = _FORMS[form](document)
    content = text.encode()
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"Can't write {output}: {error.strerror}") from error
    click.echo(f"Saved to {output}.", err=True)


@schema.command()
@click.argument("file", type=click.Path(path_type=Path))
def validate(file: Path) -> None:
    """Check whether FILE can be a version of the shared schema.

    FILE is a YAML or JSON file, or a folder laid out like the one that comes with the extension.
    """
    document = _document(file)
    click.echo(f"{file} is valid.{_counts(document)}")


@schema.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--vocabulary", "-v", help="The id of the vocabulary that gets the terms of a CSV file.")
@click.option("--scheme", "-s", default="", help="The name of one concept scheme, if a SKOS file has more.")
def import_draft(file: Path, vocabulary: str | None, scheme: str) -> None:
    """Make FILE the draft of the next version; publish it with `schema publish`.

    FILE is a YAML or JSON file, or a folder laid out like the one that comes with the extension. A
    file whose name ends in .ttl, .nt, .jsonld, .rdf, .csv or .tsv has the terms of one vocabulary.
    They are added to the draft; terms that aren't in the file stay as they are.
    """
    one = file.suffix.lower() in {*SKOS_FILES, *TABLES} - {".json"}
    document = None if one else _document(file)
    with _errors_as_text():
        draft = _draft() or _act("schema_draft_create")
        document = document or _with_terms(parse(draft["document"]), file, vocabulary, scheme)
        _act("schema_draft_update", revision=draft["revision"], document=dump(document))
    _echo_new_changes("The draft")


@schema.command()
@click.argument("before")
@click.argument("after")
def diff(before: str, after: str) -> None:
    """Show the changes from one version to another: numbers, or `draft`."""
    with _errors_as_text():
        comparison = _act("schema_diff", from_version=before, to_version=after)
    _echo_changes(comparison, f"There are no changes from {before} to {after}.")


# The number of values shown on one line of the terminal.
MOST_VALUES = 8


@schema.command()
@click.argument("what", default="draft")
@click.option("--include-drafts", is_flag=True, help="Also count draft datasets.")
@click.option("--include-deleted", is_flag=True, help="Also count deleted datasets.")
def impact(what: str, include_drafts: bool, include_deleted: bool) -> None:
    """Show which records WHAT would affect: `draft`, an earlier version's number or a file."""
    file = Path(what)
    source = {"document": dump(_document(file))} if file.exists() else {"version": what}
    with _errors_as_text():
        report = _act(
            "schema_impact", **source, include_drafts=include_drafts, include_deleted=include_deleted
        )
    if not report["changes"]:
        click.echo("There are no changes.")
    for change in report["changes"]:
        click.echo(f"{change['level'].replace('_', ' '):<16} {change['text']}")
        if change["affected"]:
            click.echo(f"{'':<16}   {_affected(change)}")
        if change["values"]:
            some = ", ".join(
                f"“{member['value']}” {member['count']}" for member in change["values"][:MOST_VALUES]
            )
            click.echo(f"{'':<16}   values: {some}")
        for finding in change["other_keys"]:
            click.echo(f"{'':<16}   {finding['count']} have a value for {finding['key']} in “Other fields”")
    for finding in report["across_fields"]:
        if finding["sample"]:
            click.echo(f"\n{finding['text']}: {finding['breaking']} of {finding['sample']} sampled records")
    for finding in report["unreadable"]:
        click.echo(f"\nUnreadable values in {finding['field'] or 'files and links'}: {_affected(finding)}")
    counted = f"{report['datasets']} datasets and {report['resources']} files"
    click.echo(f"\nCounted {counted} in {report['seconds']:.1f} s")


def _affected(figures: Any) -> str:
    """The number of records, with their organizations and some examples."""
    counts = [
        (organization["name"] or "no organization", organization["affected"])
        for organization in figures["organizations"]
    ]
    owners = ", ".join(f"{name} {number}" for name, number in counts)
    some = ", ".join(figures["examples"][:3])
    return f"{figures['affected']} records ({owners})" + (f", for example {some}" if some else "")


@schema.command()
@click.option("--note", "-m", required=True, help="What changed and why, for the history.")
@click.option("--with-repairs", is_flag=True, help="Also repair the records.")
def publish(note: str, with_repairs: bool) -> None:
    """Publish the draft as the next version."""
    with _errors_as_text():
        draft = _draft()
        if draft is None:
            raise click.ClickException("There's no draft. Start one with `schema import FILE`.")
        published = _act(
            "schema_publish", revision=draft["revision"], note=note, with_repairs=with_repairs
        )
    click.echo(f"Version {published['version']} is published.")


@schema.command()
@click.argument("version", type=int)
@click.option("--note", "-m", required=True, help="The reason, for the history.")
def rollback(version: int, note: str) -> None:
    """Publish the earlier VERSION again as a new version; no stored values change."""
    with _errors_as_text():
        published = _act("schema_rollback", version=version, note=note)
    click.echo(f"Version {published['version']} is published. It restores version {version}.")


def _vocabulary(document: Document, wanted: str | None) -> Vocabulary:
    match = document.vocabulary(wanted or "")
    if match is None:
        known = ", ".join(vocabulary.id for vocabulary in document.vocabularies)
        raise click.ClickException(f"Choose a vocabulary with --vocabulary: {known}.")
    return match


def _with_terms(document: Document, file: Path, wanted: str | None, scheme: str) -> Document:
    """A document with the terms of a file added to one of its vocabularies, or as a new one."""
    notes: list[Message] = []
    try:
        vocabulary_read = vocabulary_of(file, wanted, notes, scheme)
    except (DocumentError, OSError) as error:
        raise click.ClickException(f"{file} isn't valid:\n{error}") from error
    if vocabulary_read.id not in {vocabulary.id for vocabulary in document.vocabularies}:
        if not vocabulary_read.id or file.suffix.lower() in TABLES:
            _vocabulary(document, wanted)
        click.echo(f"The vocabulary '{vocabulary_read.id}' is new.")
    for note in notes:
        click.echo(str(note))
    return with_vocabulary(document, vocabulary_read)


def _act(action: str, **data: Any) -> Any:
    context = {"ignore_auth": True, "user": ""}
    return tk.get_action(f"civicswitchboard_{action}")(context, data)


def _draft() -> Any:
    try:
        return _act("schema_draft_show")
    except tk.ObjectNotFound:
        return None


@contextmanager
def _errors_as_text() -> Iterator[None]:
    """Report an action's errors as plain lines."""
    try:
        yield
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error.message)) from error
    except tk.ValidationError as error:
        # Faults of a document already name the element that has them.
        named = {name: "" if name == "document" else f"{name}: " for name in error.error_dict}
        faults = [
            named[name] + message for name, messages in error.error_dict.items() for message in messages
        ]
        raise click.ClickException("\n".join(["That can't be done:", *(f"  {f}" for f in faults)])) from error


def _echo_new_changes(what: str) -> None:
    comparison = _act("schema_diff", from_version=versions.newest().version, to_version="draft")
    _echo_changes(comparison, f"{what} has no changes.")


def _echo_changes(comparison: Any, none: str) -> None:
    if not comparison["changes"]:
        click.echo(none)
        return
    for change in comparison["changes"]:
        click.echo(f"{change['level'].replace('_', ' '):<16} {change['text']}")
    number = len(comparison["changes"])
    click.echo(f"\n{number} change{'s' * (number > 1)}, level: {comparison['level'].replace('_', ' ')}")


def _document(file: Path) -> Document:
    """The document in a file or folder.

    :raises click.ClickException: naming every fault
    """
    try:
        return read_folder(file) if file.is_dir() else read_file(file)
    except DocumentError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        raise click.ClickException(f"{file} isn't valid:\n{faults}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}") from error
