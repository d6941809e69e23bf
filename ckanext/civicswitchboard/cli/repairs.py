"""``ckan civicswitchboard repair``: repairs of records, started, watched and undone."""
from __future__ import annotations

import json
from typing import Any

import click

from ckanext.civicswitchboard.cli.schema import _act as act
from ckanext.civicswitchboard.cli.schema import _told as told
from ckanext.civicswitchboard.core.repairs import KINDS
from ckanext.civicswitchboard.core.repairs.states import AT_WORK, WORDS
from ckanext.civicswitchboard.repairs import runner as running

_PARAMS = click.argument("params", nargs=-1, metavar="[NAME=VALUE]…")
_KIND = click.argument("kind", type=click.Choice(list(KINDS)))
_HERE = click.option("--here", is_flag=True, help="Do the work here, without a background worker.")


@click.group(short_help="Repair records, watch it, undo it.")
def repair() -> None:
    """Repair records, watch it, undo it.

    Parameters are given as NAME=VALUE; a list or a table of values as JSON, such as
    values='{"Bi-Annually": "Twice a year"}'.
    """


@repair.command("list")
def list_repairs() -> None:
    """The repairs that were started, the newest first."""
    found = act("repair_list")
    for each in found:
        click.echo(f"{each['id']}  {_progress(each)}  {each['text']}")
    if not found:
        click.echo("No repair was started yet.")


@repair.command()
@_KIND
@_PARAMS
def preview(kind: str, params: tuple[str, ...]) -> None:
    """What a repair of KIND would do; nothing is changed."""
    with told():
        found = act("repair_preview", kind=kind, params=_params(params))
    for each in found["examples"]:
        click.echo(f"{_named(each)}: {_json(each['before'])} → {_json(each['after'])}")
    for each in found["left"]:
        click.echo(f"{_named(each)}: left as it is ({each['reason']}): {_json(each['values'])}")
    click.echo(
        f"{found['total']} records concerned, {found['collisions']} collisions,"
        f" {found['unconvertible']} that can't be converted"
    )
    counted = found["counted"]
    if counted["as_reviewed"] != found["total"]:
        click.echo(
            f"Of these, {counted['resources']} are files and links, {counted['drafts']} in drafts,"
            f" {counted['deleted']} deleted; the review counts {counted['as_reviewed']}:"
            " active datasets, each once with its files, and organizations"
        )


@repair.command()
@_KIND
@_PARAMS
@_HERE
@click.option("--yes", is_flag=True, help="Ask nothing.")
def start(kind: str, params: tuple[str, ...], here: bool, yes: bool) -> None:
    """Start a repair of KIND."""
    if KINDS[kind].asks_twice and not yes:
        click.confirm("Values will be taken out of records. Go on?", abort=True)
        click.confirm("Really?", abort=True)
    with told():
        begun = act("repair_start", kind=kind, params=_params(params), confirm=True)
    _go_on(begun["id"], here)


@repair.command()
@click.argument("run_id", metavar="ID")
def show(run_id: str) -> None:
    """How far a repair is, and what it left."""
    with told():
        found = act("repair_show", id=run_id)
    click.echo(f"{found['text']}\n{_progress(found)}, started {found['created'][:16]}")
    for each in found["left"]:
        click.echo(f"  {_named(each)}: {each['reason']}: {_json(each['values'])}")


def _command(wish: str, means: str) -> click.Command:
    @repair.command(wish, help=means)
    @click.argument("run_id", metavar="ID")
    @_HERE
    def command(run_id: str, here: bool) -> None:
        with told():
            act(f"repair_{wish}", id=run_id)
        _go_on(run_id, here)

    return command


pause = _command("pause", "Have a repair stop after its present step.")
resume = _command("resume", "Have a repair go on that was paused, failed, or whose worker died.")
cancel = _command("cancel", "End a repair where it is.")
undo = _command("undo", "Give back what a repair changed, but for what was changed since.")


def _go_on(run_id: str, here: bool) -> None:
    if here:
        running.work(run_id, turn=float("inf"))
    shown = act("repair_show", id=run_id)
    click.echo(f"{run_id}  {_progress(shown)}")
    if shown["state"] in AT_WORK and not here:
        click.echo("A background worker does it. See `repair show` for how far it is.")


def _progress(shown: dict[str, Any]) -> str:
    waiting = f", {shown['to_index']} to be indexed" if shown["to_index"] else ""
    back = shown["undone"] + shown["kept"]
    undone = f", {shown['undone']} given back, {shown['kept']} left" if back else ""
    trouble = f" ({shown['trouble']})" if shown["trouble"] else ""
    return (
        f"{WORDS[shown['state']]}: {shown['done']} of {shown['total']} records, {shown['skipped']} left as"
        f" they are{undone}{waiting}{trouble}"
    )


def _params(given: tuple[str, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.UsageError(f"'{each}' has to be NAME=VALUE")
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
    """A record by its address, a file also by what it is called."""
    name = record["dataset"] or "a record that is there no more"
    return f"{name}, file “{record['file']}”" if record.get("file") else f"{name}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
