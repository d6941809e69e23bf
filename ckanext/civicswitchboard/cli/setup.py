"""``ckan civicswitchboard init`` and ``doctor``: the first steps, and whether all works."""
from __future__ import annotations

import click

from ckanext.civicswitchboard import checks, partners
from ckanext.civicswitchboard.metadata_schema import live, publishing, upkeep

NEXT_STEPS = """
What to do next:
  ckan civicswitchboard partners list               which organization is which kind of partner
  ckan civicswitchboard partners set NAME TYPE      say it, for example: public-library public_library
  ckan civicswitchboard steward NAME                name who maintains the shared schema
  ckan civicswitchboard doctor                      check that everything works"""


@click.command(short_help="Set up, or check what is set up; can be run again.")
def init() -> None:
    """Do what a portal needs at first. Running it again does only what is still missing."""
    _needs(checks.database(), checks.migrations(), checks.search_engine())
    _enter_schema()
    _tell_partners()
    _reindex()
    click.echo(NEXT_STEPS)


def _needs(*findings: checks.Finding) -> None:
    for finding in findings:
        _echo(finding)
        if finding.breaks:
            raise click.ClickException("Mend this first, then run init again.")


def _enter_schema() -> None:
    publishing.enter_first(live.shipped().document)
    snapshot = live.newest()
    counts = ", ".join(f"{name} {len(fields)}" for name, fields in snapshot.fields.items())
    click.echo(f"Done        Version {snapshot.version} of the shared schema is in use. Fields: {counts}.")


def _tell_partners() -> None:
    typed = [each for each in partners.all_partners() if each.types]
    click.echo(f"Done        Organizations with a partner type: {len(typed)}.")
    _echo(checks.steward())


def _reindex() -> None:
    behind = upkeep.behind()
    if not behind:
        click.echo("Done        The search index holds every dataset as the shared schema reads it.")
        return
    with click.progressbar(
        upkeep.reindex(behind), length=len(behind), label="Indexing datasets again"
    ) as steps:
        failed = [dataset_id for dataset_id, fault in steps if fault]
    click.echo(f"Done        Datasets indexed again: {len(behind) - len(failed)}.")
    if failed:
        raise click.ClickException(
            "These datasets could not be indexed; the log says why: " + ", ".join(failed[:20])
        )


@click.command(short_help="Check that everything works.")
def doctor() -> None:
    """Check the set-up, a line for each matter; exit status 1 when something is broken."""
    findings = checks.run()
    for finding in findings:
        _echo(finding)
    broken = sum(finding.breaks for finding in findings)
    if broken:
        raise click.ClickException(f"{broken} of these keep the portal from working as it should.")


def _echo(finding: checks.Finding) -> None:
    click.echo(f"{finding.word:<11} {finding.text}")
    if finding.advice:
        click.echo(f"{'':<11} What to do: {finding.advice}")
