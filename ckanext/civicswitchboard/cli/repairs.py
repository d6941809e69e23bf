"""``ckan civicswitchboard repair``: start, watch and undo repairs of records."""
from __future__ import annotations

import json
from typing import Any

import click

from ckanext.civicswitchboard.cli.schema import _act as act
from ckanext.civicswitchboard.cli.schema import _errors_as_text as told
from ckanext.civicswitchboard.core.repairs import KINDS
from ckanext.civicswitchboard.core.repairs.states import AT_WORK, WORDS
from ckanext.civicswitchboard.repairs import runner as running

_PARAMS = click.argument("params", nargs=-1, metavar="[NAME=VALUE]…")
_KIND = click.argument("kind", type=click.Choice(list(KINDS)))
_HERE = click.option("--here", is_flag=True, help="Run in this process instead of a background worker.")


@click.group(short_help="Start, watch and undo repairs of records.")
def repair() -> None:
    """Start, watch and undo repairs of records.

    Give parameters as NAME=VALUE. Give a list or a table of values as JSON, such as
    values='{"Bi-Annually": "Twice a year"}'.
    """


@repair.command("list")
def list_repairs() -> None:
    """List repairs, newest first."""
    runs = act("repair_list")
    for run in runs:
        click.echo(f"{run['id']}  {_progress(run)}  {run['text']}")
    if not runs:
        click.echo("No repairs yet.")


@repair.command()
@_KIND
@_PARAMS
def preview(kind: str, params: tuple[str, ...]) -> None:
    """Preview a repair of KIND; nothing is changed."""
    with told():
        outcome = act("repair_preview", kind=kind, params=_params(params))
    for example in outcome["examples"]:
        click.echo(f"{_named(example)}: {_json(example['before'])} → {_json(example['after'])}")
    for example in outcome["left"]:
        click.echo(f"{_named(example)}: skipped ({example['reason']}): {_json(example['values'])}")
    click.echo(
        f"{outcome['total']} record{'s' * (outcome['total'] != 1)} affected,"
        f" {outcome['collisions']} collisions, {outcome['unconvertible']} that can't be converted"
    )
    counted = outcome["counted"]
    if counted["as_reviewed"] != outcome["total"]:
        click.echo(
            f"Of these, {counted['resources']} are files and links, {counted['drafts']} in drafts,"
            f" {counted['deleted']} deleted. The review counts {counted['as_reviewed']}:"
            " active datasets, each once with its files, and organizations"
        )


@repair.command()
@_KIND
@_PARAMS
@_HERE
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def start(kind: str, params: tuple[str, ...], here: bool, yes: bool) -> None:
    """Start a repair of KIND."""
    if KINDS[kind].asks_twice and not yes:
        click.confirm("Values will be deleted from records. Continue?", abort=True)
        click.confirm("Are you sure?", abort=True)
    with told():
        begun = act("repair_start", kind=kind, params=_params(params), confirm=True)
    _go_on(begun["id"], here)


@repair.command()
@click.argument("run_id", metavar="ID")
def show(run_id: str) -> None:
    """Show the progress of a repair and the records it skipped."""
    with told():
        run = act("repair_show", id=run_id)
    click.echo(f"{run['text']}\n{_progress(run)}, started {run['created'][:16]}")
    for record in run["left"]:
        click.echo(f"  {_named(record)}: {record['reason']}: {_json(record['values'])}")


def _command(wish: str, means: str) -> click.Command:
    @repair.command(wish, help=means)
    @click.argument("run_id", metavar="ID")
    @_HERE
    def command(run_id: str, here: bool) -> None:
        with told():
            act(f"repair_{wish}", id=run_id)
        _go_on(run_id, here)

    return command


pause = _command("pause", "Pause a repair after its current step.")
resume = _command("resume", "Resume a repair that was paused, failed or lost its worker.")
cancel = _command("cancel", "Cancel a repair. Records already changed stay changed.")
undo = _command("undo", "Restore the values that a repair changed, except those changed since.")


def _go_on(run_id: str, here: bool) -> None:
    if here:
        running.work(run_id, turn=float("inf"))
    shown = act("repair_show", id=run_id)
    click.echo(f"{run_id}  {_progress(shown)}")
    if shown["state"] in AT_WORK and not here:
        click.echo("A background worker is running it. Check progress with `repair show`.")


def _progress(shown: dict[str, Any]) -> str:
    waiting = f", {shown['to_index']} to be indexed" if shown["to_index"] else ""
    back = shown["undone"] + shown["kept"]
    undone = f", {shown['undone']} restored, {shown['kept']} kept" if back else ""
    trouble = f" ({shown['trouble']})" if shown["trouble"] else ""
    return (
        f"{WORDS[shown['state']]}: {shown['done']} of {shown['total']} records,"
        f" {shown['skipped']} skipped{undone}{waiting}{trouble}"
    )


def _params(pairs: tuple[str, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"'{text}' isn't in the form NAME=VALUE")
        params[name] = _value(value)
    return params


def _value(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _named(record: dict[str, Any]) -> str:
    """A record's name, with the name of its file if it is one."""
    name = record["dataset"] or "a record that no longer exists"
    return f"{name}, file “{record['file']}”" if record.get("file") else f"{name}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
