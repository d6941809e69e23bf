"""``ckan civicswitchboard init``, ``doctor``, ``adopt-check`` and ``detach``: set up, check and leave."""
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
  ckan civicswitchboard partners list               list organizations with their partner types
  ckan civicswitchboard partners set NAME TYPE      set a type, for example: public-library public_library
  ckan civicswitchboard steward NAME                name the organization that maintains the shared schema
  ckan civicswitchboard doctor                      check that everything works"""


@click.command(short_help="Set up the portal; safe to run again.")
@click.option(
    "--from-scheming",
    is_flag=True,
    help="Use the schemas named in scheming.dataset_schemas, scheming.organization_schemas and"
    " scheming.presets as version 1.",
)
@click.option(
    "--keep-schema",
    is_flag=True,
    help="Keep the shared schema as it is, and stop offering this release's changes to it.",
)
def init(from_scheming: bool, keep_schema: bool) -> None:
    """Set up the portal. If you run it again, it does only what's still missing."""
    _needs(doctor.database(), doctor.migrations(), doctor.search_engine())
    try:
        if from_scheming:
            _take_over()
        _enter_schema()
        _offer_release(keep_schema)
        _echo_partners()
        _reindex()
    except locks.Busy as busy:
        raise click.ClickException("People are saving records. Run init again in a moment.") from busy
    click.echo(NEXT_STEPS)


def _needs(*findings: doctor.Finding) -> None:
    for finding in findings:
        _echo(finding)
        if finding.breaks:
            raise click.ClickException("Fix this first, then run init again.")


def _take_over() -> None:
    """Make the portal's own schemas version 1, and report line by line what can't be kept."""
    try:
        adoption = scheming_import.adopted()
    except (scheming_import.Unreadable, DocumentError) as error:
        raise click.ClickException(f"The portal's own schemas can't be used:\n{error}") from error
    if adoption is None:
        raise click.ClickException(
            "Neither scheming.dataset_schemas nor scheming.organization_schemas names a file. Set them in"
            " ckan.ini as they were for ckanext-scheming, then run init again."
        )
    if not publish.enter_first(adoption.document, scheming_import.NOTE):
        click.echo("Attention   The shared schema already has versions, so the portal's files weren't used.")
        return
    click.echo("Done        The portal's own schemas are version 1. Stored values haven't changed.")
    for remark in adoption.remarks:
        click.echo(f"Attention   {remark}")


def _enter_schema() -> None:
    publish.enter_first(versions.shipped().document)
    snapshot = versions.newest()
    counts = ", ".join(f"{name} {len(fields)}" for name, fields in snapshot.fields.items())
    click.echo(f"Done        Version {snapshot.version} of the shared schema is in use. Fields: {counts}.")


def _offer_release(keep_schema: bool) -> None:
    """Offer this release's changes to the schema as a draft, which people publish or discard."""
    waiting = releases.waiting()
    if waiting is None:
        return
    if keep_schema:
        releases.pass_over()
        passed = len(waiting.changes)
        click.echo(f"Done        The shared schema stays as it is. Changes skipped: {passed}.")
        return
    if waiting.drafted:
        click.echo("Attention   This release's changes to the shared schema are already in the draft.")
        return
    click.echo(f"Attention   This release changes the shared schema. Changes: {len(waiting.changes)}.")
    for change in waiting.changes:
        click.echo(f"{'':<11} {change.say(tk._, text)}")
    for conflict in waiting.conflicts:
        click.echo(f"{'':<11} Kept this portal's version: {conflict.place}, {conflict.attribute}")
    if releases.draft(waiting):
        click.echo(f"{'':<11} They are now the draft. Publish or change it at /metadata-schema/review.")
        return
    click.echo(
        f"{'':<11} There is already a draft. Publish or discard it, then run init again."
    )


def _echo_partners() -> None:
    typed = [partner for partner in partners.all_partners() if partner.types]
    click.echo(f"Done        Organizations with a partner type: {len(typed)}.")
    _echo(doctor.steward())


def _reindex() -> None:
    _forget_strangers()
    _report_other_types()
    behind = list(dict.fromkeys([*reindex.behind(), *unserved_types.not_indexed()]))
    if not behind:
        click.echo("Done        The search index is up to date with the shared schema.")
        return
    with click.progressbar(
        reindex.reindex(behind), length=len(behind), label="Reindexing datasets"
    ) as steps:
        failed = [dataset_id for dataset_id, fault in steps if fault]
    click.echo(f"Done        Datasets reindexed: {len(behind) - len(failed)}.")
    if failed:
        raise click.ClickException(
            "These datasets couldn't be indexed (the log has the reason): " + ", ".join(failed[:20])
        )


def _report_other_types() -> None:
    finding = doctor.records_without_plugin()
    if finding.level != "ok":
        _echo(finding)


def _forget_strangers() -> None:
    gone = reindex.forget_strangers()
    if gone:
        click.echo(f"Done        Removed from the search index (not in the database): {len(gone)}.")


@click.command("doctor", short_help="Check that everything works.")
def run_doctor() -> None:
    """Check the setup, one line per check; the exit status is 1 if something is broken."""
    findings = doctor.run()
    for finding in findings:
        _echo(finding)
    broken = sum(finding.breaks for finding in findings)
    if broken:
        raise click.ClickException(f"Problems to fix before the portal works as it should: {broken}.")


def _echo(finding: doctor.Finding) -> None:
    click.echo(f"{finding.word:<11} {finding.text}")
    if finding.advice:
        click.echo(f"{'':<11} What to do: {finding.advice}")


@click.command("adopt-check", short_help="Preview what `init --from-scheming` would do.")
@click.argument("entries", nargs=-1, required=True, metavar="FILE…")
def adopt_check(entries: tuple[str, ...]) -> None:
    """Report field by field what `init --from-scheming` would do with FILE…; nothing is changed.

    Name dataset and organization schemas and presets, in YAML or JSON, each by its path or as in
    scheming.dataset_schemas. The last line begins with "safe", "safe with changes" or "not yet".
    The exit status is 1 for "not yet".
    """
    try:
        adoption = scheming_import.checked(entries)
    except scheming_import.Unreadable as error:
        raise _not_yet(str(error)) from error
    except DocumentError as error:
        raise _not_yet("; ".join(map(str, error.faults))) from error
    remaining = list(adoption.remarks)
    for adopted in adoption.taken:
        click.echo(f"{adopted.place}: {_kind_of(adopted)}")
        for remark in [remark for remark in remaining if remark.place == adopted.place]:
            remaining.remove(remark)
            click.echo(f"{'':<4}{remark.text}")
    for remark in remaining:
        click.echo(str(remark))
    if not adoption.changed:
        click.echo("safe")
        return
    click.echo(f"safe with changes: {len(adoption.changed)} ({', '.join(adoption.changed)})")


def _kind_of(taken: Taken) -> str:
    kind = "entries" if taken.repeating else taken.preset or "one line of text"
    return f"{kind}, required" if taken.required else kind


def _not_yet(reasons: str) -> SystemExit:
    click.echo(f"not yet: {reasons}")
    return SystemExit(1)


@click.command(short_help="Write the shared schema as ckanext-scheming files, to uninstall the extension.")
@click.argument("folder", type=click.Path(path_type=Path))
def detach(folder: Path) -> None:
    """Write the current version into FOLDER as ckanext-scheming files.

    The ckan.ini lines that the portal needs to run on them are printed. Nothing else is changed.
    """
    files = scheming_export.files()
    try:
        lines = scheming_export.write(files, folder, doctor.OURS)
    except OSError as error:
        raise click.ClickException(f"Can't write {error.filename}: {error.strerror}") from error
    click.echo(f"Done        The shared schema is in {folder.resolve()} as ckanext-scheming files.")
    for remark in files.remarks:
        click.echo(f"Attention   {remark}")
    click.echo("\nTo run the portal without this extension, set these lines in ckan.ini:\n")
    click.echo("\n".join(lines))
    click.echo("\nThen restart CKAN and its workers, and run: ckan search-index rebuild")
