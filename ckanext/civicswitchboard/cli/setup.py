"""``ckan civicswitchboard init`` and ``doctor``: the first steps, and whether all works."""
from __future__ import annotations

from pathlib import Path

import ckan.plugins.toolkit as tk
import click

from ckanext.civicswitchboard import doctor, partners
from ckanext.civicswitchboard.cli.partners import text
from ckanext.civicswitchboard.core.formats.scheming_import import Taken
from ckanext.civicswitchboard.core.schema.document import DocumentError
from ckanext.civicswitchboard.publishing import publish
from ckanext.civicswitchboard.records import unserved_types
from ckanext.civicswitchboard.schema_registry import (
    locks,
    releases,
    scheming_export,
    scheming_import,
    versions,
)
from ckanext.civicswitchboard.search_index import reindex

NEXT_STEPS = """
What to do next:
  ckan civicswitchboard partners list               which organization is which kind of partner
  ckan civicswitchboard partners set NAME TYPE      say it, for example: public-library public_library
  ckan civicswitchboard steward NAME                name who maintains the shared schema
  ckan civicswitchboard doctor                      check that everything works"""


@click.command(short_help="Set up, or check what is set up; can be run again.")
@click.option(
    "--from-scheming",
    is_flag=True,
    help="Take the schemas that scheming.dataset_schemas, scheming.organization_schemas and"
    " scheming.presets name as version 1.",
)
@click.option(
    "--keep-schema",
    is_flag=True,
    help="Leave the shared schema as it is, and no longer offer what this release would change in it.",
)
def init(from_scheming: bool, keep_schema: bool) -> None:
    """Do what a portal needs at first. Running it again does only what is still missing."""
    _needs(doctor.database(), doctor.migrations(), doctor.search_engine())
    try:
        if from_scheming:
            _take_over()
        _enter_schema()
        _offer_release(keep_schema)
        _tell_partners()
        _reindex()
    except locks.Busy as busy:
        raise click.ClickException("People's saves do not end just now; run init again.") from busy
    click.echo(NEXT_STEPS)


def _needs(*findings: doctor.Finding) -> None:
    for finding in findings:
        _echo(finding)
        if finding.breaks:
            raise click.ClickException("Mend this first, then run init again.")


def _take_over() -> None:
    """Make the portal's own schemas version 1; what cannot be kept is told line by line."""
    try:
        found = scheming_import.adopted()
    except (scheming_import.Unreadable, DocumentError) as error:
        raise click.ClickException(f"The portal's own schemas cannot be taken over:\n{error}") from error
    if found is None:
        raise click.ClickException(
            "Neither scheming.dataset_schemas nor scheming.organization_schemas names a file; set them in"
            " ckan.ini as they were for ckanext-scheming, then run init again."
        )
    if not publish.enter_first(found.document, scheming_import.NOTE):
        click.echo("Attention   The shared schema has versions already; the portal's files were left alone.")
        return
    click.echo("Done        The portal's own schemas are version 1. What records store stays as it is.")
    for remark in found.remarks:
        click.echo(f"Attention   {remark}")


def _enter_schema() -> None:
    publish.enter_first(versions.shipped().document)
    snapshot = versions.newest()
    counts = ", ".join(f"{name} {len(fields)}" for name, fields in snapshot.fields.items())
    click.echo(f"Done        Version {snapshot.version} of the shared schema is in use. Fields: {counts}.")


def _offer_release(keep_schema: bool) -> None:
    """Make what this release changes in the schema a draft, which people publish or drop."""
    waiting = releases.waiting()
    if waiting is None:
        return
    if keep_schema:
        releases.pass_over()
        passed = len(waiting.changes)
        click.echo(f"Done        The shared schema stays as it is; changes passed over: {passed}.")
        return
    if waiting.drafted:
        click.echo("Attention   What this release changes in the shared schema is in the draft already.")
        return
    click.echo(f"Attention   This release changes the shared schema. Changes: {len(waiting.changes)}.")
    for change in waiting.changes:
        click.echo(f"{'':<11} {change.say(tk._, text)}")
    for conflict in waiting.conflicts:
        click.echo(f"{'':<11} Kept as this portal has it: {conflict.place}, {conflict.attribute}")
    if releases.draft(waiting):
        click.echo(f"{'':<11} They are the draft now: publish or change it at /metadata-schema/review.")
        return
    click.echo(
        f"{'':<11} There is a draft of somebody's already. Publish or discard it, then run init again."
    )


def _tell_partners() -> None:
    typed = [each for each in partners.all_partners() if each.types]
    click.echo(f"Done        Organizations with a partner type: {len(typed)}.")
    _echo(doctor.steward())


def _reindex() -> None:
    _forget_strangers()
    _report_other_types()
    behind = list(dict.fromkeys([*reindex.behind(), *unserved_types.not_indexed()]))
    if not behind:
        click.echo("Done        The search index holds every dataset as the shared schema reads it.")
        return
    with click.progressbar(
        reindex.reindex(behind), length=len(behind), label="Indexing datasets again"
    ) as steps:
        failed = [dataset_id for dataset_id, fault in steps if fault]
    click.echo(f"Done        Datasets indexed again: {len(behind) - len(failed)}.")
    if failed:
        raise click.ClickException(
            "These datasets could not be indexed; the log says why: " + ", ".join(failed[:20])
        )


def _report_other_types() -> None:
    finding = doctor.records_without_plugin()
    if finding.level != "ok":
        _echo(finding)


def _forget_strangers() -> None:
    gone = reindex.forget_strangers()
    if gone:
        click.echo(f"Done        Taken out of the search index, as the database lacks them: {len(gone)}.")


@click.command("doctor", short_help="Check that everything works.")
def run_doctor() -> None:
    """Check the set-up, a line for each matter; exit status 1 when something is broken."""
    findings = doctor.run()
    for finding in findings:
        _echo(finding)
    broken = sum(finding.breaks for finding in findings)
    if broken:
        raise click.ClickException(f"{broken} of these keep the portal from working as it should.")


def _echo(finding: doctor.Finding) -> None:
    click.echo(f"{finding.word:<11} {finding.text}")
    if finding.advice:
        click.echo(f"{'':<11} What to do: {finding.advice}")


@click.command("adopt-check", short_help="Say what taking over scheming files would do.")
@click.argument("entries", nargs=-1, required=True, metavar="FILE…")
def adopt_check(entries: tuple[str, ...]) -> None:
    """Say field by field what `init --from-scheming` would make of FILE…; nothing is changed.

    Name dataset and organization schemas and presets, as YAML or JSON, each by its path or as in
    scheming.dataset_schemas. The last line begins with "safe", "safe with changes" or "not yet";
    the exit status is 1 for "not yet".
    """
    try:
        found = scheming_import.checked(entries)
    except scheming_import.Unreadable as error:
        raise _not_yet(str(error)) from error
    except DocumentError as error:
        raise _not_yet("; ".join(map(str, error.faults))) from error
    remaining = list(found.remarks)
    for each in found.taken:
        click.echo(f"{each.place}: {_kind_of(each)}")
        for remark in [remark for remark in remaining if remark.place == each.place]:
            remaining.remove(remark)
            click.echo(f"{'':<4}{remark.text}")
    for remark in remaining:
        click.echo(str(remark))
    if not found.changed:
        click.echo("safe")
        return
    click.echo(f"safe with changes: {len(found.changed)} ({', '.join(found.changed)})")


def _kind_of(taken: Taken) -> str:
    kind = "entries" if taken.repeating else taken.preset or "a line of text"
    return f"{kind}, required" if taken.required else kind


def _not_yet(reasons: str) -> SystemExit:
    click.echo(f"not yet: {reasons}")
    return SystemExit(1)


@click.command(short_help="Write the shared schema as ckanext-scheming's files, to go on without us.")
@click.argument("folder", type=click.Path(path_type=Path))
def detach(folder: Path) -> None:
    """Write the current version into FOLDER as ckanext-scheming's own files.

    The lines of ckan.ini with which the portal runs on them are printed. Nothing else is changed.
    """
    found = scheming_export.files()
    try:
        lines = scheming_export.write(found, folder, doctor.OURS)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from error
    click.echo(f"Done        The shared schema is in {folder.resolve()}, as ckanext-scheming reads it.")
    for remark in found.remarks:
        click.echo(f"Attention   {remark}")
    click.echo("\nTo go on without this extension, set in ckan.ini:\n")
    click.echo("\n".join(lines))
    click.echo("\nThen restart CKAN and its workers, and run: ckan search-index rebuild")
