"""``ckan civicswitchboard import``: import datasets from a file of records."""
from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import sqlalchemy as sa

from ckanext.civicswitchboard.importer.run import FileError, Import
from ckanext.civicswitchboard.search_index.batch import IndexUnreachable

_AGAIN = "Finished records are kept. Run the same command again to continue."
_INTERRUPTED = 130


@click.command("import", short_help="Import datasets from a file of records.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def import_records(file: Path) -> None:
    """Import datasets from FILE: one JSON record per line, in the form that package_show returns.

    Missing organizations and groups are created. Records are matched by name. If you run the
    import again, only what changed in the file is written. What a record doesn't mention stays
    as it is. Values that have no field are kept in "Other fields".
    """
    run = Import(file, _Progress(file))
    try:
        report = run.run()
    except FileError as error:
        raise click.ClickException(str(error)) from error
    except IndexUnreachable as error:
        raise click.ClickException(f"The search index isn't responding: {error}. {_AGAIN}") from error
    except sa.exc.OperationalError as error:
        raise click.ClickException(f"The database isn't responding: {error.orig}. {_AGAIN}") from error
    except KeyboardInterrupt:
        click.echo(f"\nStopped. {_AGAIN}", err=True)
        sys.exit(_INTERRUPTED)
    for line in report.lines():
        click.echo(line)
    if not report.clean:
        sys.exit(1)


class _Progress:
    """A line on the error stream that shows the progress of the import."""

    EVERY = 2.0

    def __init__(self, file: Path) -> None:
        self.total = _count_lines(file)
        self.begun = time.monotonic()
        self.told = 0.0
        self.terminal = sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        seconds = time.monotonic() - self.begun
        last = done >= self.total
        if not (last or self.terminal or seconds - self.told >= self.EVERY):
            return
        self.told = seconds
        text = f"{done} of {self.total} lines, {seconds:.1f} s"
        end = not self.terminal or last
        click.echo(f"\r{text}" if self.terminal else text, err=True, nl=end)


def _count_lines(file: Path) -> int:
    with open(file, "rb") as content:
        return sum(1 for _line in content)
