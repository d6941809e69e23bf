"""What stands beside records, for a person to judge; and precision, once somebody has.

    .portal/venv/bin/python benchmarks/shelves.py RECORDS.jsonl [--portal http://127.0.0.1:5000]
        [--take 30] [--filled] [--judged JUDGED.tsv]

The records (a dataset a line, with its name) have to be on the running portal already, brought in
by `ckan civicswitchboard import`, and its libraries have to be named by `partners set`.

JUDGED.tsv says of pairs whether they belong together, one a line, parted by tabs:

    dataset <TAB> item <TAB> yes or no [<TAB> a remark]

where dataset and item are names. Lines that begin with # and empty ones are passed over. What is
printed without --judged has that form already: put yes or no in the place of "?".
Precision is the share of "yes" among the items that are shown and judged.
"""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import requests

Pair = tuple[str, str]
SECONDS = 30


@dataclass(frozen=True)
class Shown:
    """An item on a record's shelf."""

    dataset: str
    item: str
    title: str
    reasons: str

    @property
    def pair(self) -> Pair:
        """The two names."""
        return self.dataset, self.item


def shelf(portal: str, name: str) -> list[Shown]:
    """A record's shelf on the running portal."""
    address = f"{portal.rstrip('/')}/api/3/action/civicswitchboard_shelf_show"
    answer = requests.get(address, {"dataset_id": name}, timeout=SECONDS)
    answer.raise_for_status()
    return [
        Shown(name, each["dataset"], each["title"], " · ".join(each["reasons"]))
        for each in answer.json()["result"]
    ]


def evenly(names: list[str], number: int) -> list[str]:
    """Some of the names, from all over the list."""
    step = max(len(names) / max(number, 1), 1)
    return [names[int(place * step)] for place in range(min(number, len(names)))]


def read_judged(lines: Iterable[str]) -> dict[Pair, bool]:
    """Which pairs were judged to belong together.

    :raises ValueError: with the line that has another form
    """
    judged: dict[Pair, bool] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("\t")]
        if len(parts) < 3 or parts[2].lower() not in ("yes", "no"):
            raise ValueError(f"line {number}: not of the form dataset, item, yes or no: {line.strip()}")
        judged[parts[0], parts[1]] = parts[2].lower() == "yes"
    return judged


def report(shown: list[Shown], judged: dict[Pair, bool], asked: Iterable[str]) -> list[str]:
    """What the judged pairs say of what is shown."""
    known = [each for each in shown if each.pair in judged]
    wrong = [each for each in known if not judged[each.pair]]
    there, names = {each.pair for each in shown}, set(asked)
    missed = sorted(p for p, good in judged.items() if good and p[0] in names and p not in there)
    lines = [f"wrong: {each.dataset} beside {each.item}: {each.reasons}" for each in wrong]
    lines += [f"missed: {dataset} beside {item}" for dataset, item in missed]
    share = f"{(len(known) - len(wrong)) / len(known):.2f}" if known else "nothing to say"
    lines.append(
        f"Shown {len(shown)}, judged {len(known)} of them; precision {share}; missed {len(missed)}"
    )
    return lines


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("records", type=Path, help="a dataset a line")
    parser.add_argument("--portal", default="http://127.0.0.1:5000")
    parser.add_argument("--take", type=int, default=30, help="how many records")
    parser.add_argument("--filled", action="store_true", help="pass over records with an empty shelf")
    parser.add_argument("--judged", type=Path, help="pairs and whether they belong together")
    options = parser.parse_args()
    names = [json.loads(line)["name"] for line in options.records.read_text().splitlines() if line.strip()]
    shelves = {name: shelf(options.portal, name) for name in names} if options.filled else {}
    chosen = evenly([n for n in names if not options.filled or shelves[n]], options.take)
    shown: list[Shown] = []
    for name in chosen:
        items = shelves.get(name) if options.filled else shelf(options.portal, name)
        print(f"# {name}" + ("" if items else ": nothing"))
        for each in items or []:
            shown.append(each)
            print(f"{each.dataset}\t{each.item}\t?\t{each.title}: {each.reasons}")
    if options.judged:
        try:
            judged = read_judged(options.judged.read_text().splitlines())
        except ValueError as error:
            sys.exit(f"{options.judged}, {error}")
        print("\n".join(report(shown, judged, chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
