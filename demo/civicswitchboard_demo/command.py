"""``ckan civicswitchboard seed``: the demo's partners, accounts and datasets."""
from __future__ import annotations

import time

import click

from . import run
from .content import Content


@click.command(short_help="Fill the portal with fictional partners and datasets.")
def seed() -> None:
    """Fill the portal with a fictional region: partners, accounts and about 60 datasets.

    Items that already exist by name stay as they are, so you can run this again. For
    demonstrations only: the password of the accounts is public.
    """
    started = time.monotonic()
    content = Content()
    todo = run.missing(content)
    try:
        with click.progressbar(todo, label=f"Creating {len(todo)} demo items") as steps:
            for step in steps:
                run.make(step)
        run.name_steward(content)
    except run.SeedRefused as error:
        raise click.ClickException(str(error)) from error
    total = sum(1 for _ in run.steps(content))
    seconds = time.monotonic() - started
    click.echo(f"created {len(todo)}, unchanged {total - len(todo)} ({seconds:.0f} s)")
    _tell_accounts(content)


def _tell_accounts(content: Content) -> None:
    click.echo(f"\nAccounts, each with the password {run.PASSWORD}:")
    for account in content.accounts:
        place = f"{account['role']} of {account['member_of']}" if "member_of" in account else "sysadmin"
        click.echo(f"  {account['name']:<20} {place}")
