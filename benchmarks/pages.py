"""How long pages take: ours against stock CKAN with ckanext-scheming and -spatial.

    .portal/venv/bin/python benchmarks/pages.py [--sizes 333,10000] [--organizations 25] [--rounds 30]

Makes a database of invented records, an index and a web server for each of the two, asks
both for the same pages in turn, and prints a table. Everything is under .portal/bench.
"""
from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import program
import requests
from bs4 import BeautifulSoup
from data import BASE, EDITOR, PASSWORD, Filling
from ground.steps import StepFailed, say, step
from portals import Portal, both
from records import ORGANIZATIONS

from ckanext.civicswitchboard.schema_registry import versions

MOST_RATIO = 1.10
MOST_SHELF_MS = 15.0
PARTS = 5
SHOWN = 10
SHELF_MARKS = ("csw-shelf-item", "csw-item", "csw-lane")


@dataclass(frozen=True)
class Page:
    """A kind of page.

    :ivar paths: its examples, asked for in turn
    :ivar editor: whether somebody who may edit asks, else anybody
    :ivar shelf: whether ours has a shelf that stock has not
    """

    name: str
    paths: tuple[str, ...]
    editor: bool = False
    shelf: bool = False


@dataclass
class Timing:
    """The times of a page in milliseconds, in the order they were taken."""

    page: Page
    stock: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Our median over stock's."""
        return median(self.ours) / median(self.stock)

    @property
    def more(self) -> float:
        """How many milliseconds ours takes more."""
        return median(self.ours) - median(self.stock)

    @property
    def within_aim(self) -> bool:
        """Whether the page keeps to what the issue asks."""
        return self.ratio <= MOST_RATIO or (self.page.shelf and self.more <= MOST_SHELF_MS)

    @property
    def fastest(self) -> float:
        """The ratio of the shortest times: what else the machine does disturbs these least."""
        return min(self.ours) / min(self.stock)

    def range(self) -> tuple[float, float]:
        """The lowest and highest ratio among the equal parts of the run."""
        size = max(len(self.ours) // PARTS, 1)
        starts = range(0, len(self.ours) - size + 1, size)
        found = [median(self.ours[s : s + size]) / median(self.stock[s : s + size]) for s in starts]
        return min(found), max(found)


class Visitor:
    """Asks one portal for pages, over one connection.

    :ivar shown: what came last
    """

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.session = requests.Session()
        self.shown = ""

    def log_in(self) -> Visitor:
        """Log in through the form, as the editor."""
        page = self.session.get(f"{self.portal.url}/user/login")
        token = BeautifulSoup(page.text, "lxml").find("input", {"name": "_csrf_token"})
        form = {"login": EDITOR, "password": PASSWORD, "_csrf_token": token["value"] if token else ""}
        answer = self.session.post(f"{self.portal.url}/user/login", form)
        if EDITOR not in answer.url and "/dashboard" not in answer.url:
            raise StepFailed("log in", f"{answer.url} came back", "look into .portal/bench/logs")
        return self

    def ask(self, path: str) -> float:
        """Ask for a page.

        :returns: how many milliseconds it took
        :raises StepFailed: when it is not the page itself that comes
        """
        started = time.perf_counter()
        answer = self.session.get(self.portal.url + path, allow_redirects=False)
        took = (time.perf_counter() - started) * 1000
        self.shown = answer.text
        if answer.status_code != 200:
            reason = f"{self.portal.name} answered {answer.status_code}"
            raise StepFailed(f"ask for {path}", reason, "look into .portal/bench/logs")
        return took


def pages(names: Sequence[str]) -> tuple[Page, ...]:
    """What is measured.

    :param names: the datasets of the first records
    """
    shown = names[:: max(len(names) // SHOWN, 1)][:SHOWN]
    words = ("library", "housing", "water quality", "school")
    # Where nothing is asked for, or not the first page, a search has no lane of the libraries.
    elsewhere = ("/dataset/", "/dataset/?page=2", "/dataset/?q=library&page=2", "/dataset/?q=school&page=3")
    partners = ("county", "public-library", "university-library", "regional-data-center", "city")
    api = "/api/3/action/package_search?rows=20&q="
    return (
        Page("home", ("/",), shelf=True),
        Page("search", elsewhere),
        Page("search with lane", tuple(f"/dataset/?q={word}" for word in words), shelf=True),
        Page("dataset", tuple(f"/dataset/{name}" for name in shown), shelf=True),
        Page("organization", tuple(f"/organization/{name}" for name in partners), shelf=True),
        Page("dataset form", tuple(f"/dataset/edit/{name}" for name in shown), editor=True),
        Page("package_search", tuple(api + word for word in ("", *words))),
    )


def measure(portals: tuple[Portal, Portal], asked: Iterable[Page], rounds: int) -> list[Timing]:
    """Ask both portals in turn, for each page as often as there are rounds."""
    anybody = [Visitor(each) for each in portals]
    editors = [Visitor(each).log_in() for each in portals]
    timings = [Timing(page) for page in asked]
    for page in (timing.page for timing in timings):
        for visitor in editors if page.editor else anybody:
            _warm_up(visitor, page)
    for number in range(rounds):
        for timing in timings:
            stock, ours = editors if timing.page.editor else anybody
            path = timing.page.paths[number % len(timing.page.paths)]
            turns = [(stock, timing.stock), (ours, timing.ours)]
            # Whoever comes second finds warmer caches: they take turns in that too.
            for visitor, times in turns if number % 2 else reversed(turns):
                times.append(visitor.ask(path))
    return timings


def _warm_up(visitor: Visitor, page: Page) -> None:
    shown = ""
    for path in page.paths:
        visitor.ask(path)
        shown += visitor.shown
    filled = any(f'class="{mark}"' in shown for mark in SHELF_MARKS)
    if page.shelf and visitor.portal.name == "ours" and not filled:
        reason = "ours shows no dataset on a shelf"
        raise StepFailed(f"measure {page.name}", reason, "see whether partners have types")


def table(size: int, organizations: int, timings: Iterable[Timing]) -> str:
    """The result for people, as Markdown."""
    lines = [
        f"\n{size} datasets, {organizations} organizations",
        "",
        "| page | stock, ms | ours, ms | more, ms | ratio | lowest to highest | fastest | aim |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for each in timings:
        low, high = each.range()
        lines.append(
            f"| {each.page.name} | {median(each.stock):.1f} | {median(each.ours):.1f}"
            f" | {each.more:+.1f} | {each.ratio:.2f} | {low:.2f} to {high:.2f} | {each.fastest:.2f}"
            f" | {'kept' if each.within_aim else 'missed'} |"
        )
    return "\n".join(lines)


def compare(sizes: Sequence[int], organizations: int, rounds: int) -> None:
    """Make the portals, fill them to each size, and print what is measured there."""
    snapshot = versions.current()
    with both(snapshot) as portals:
        filling = Filling(portals, snapshot, organizations)
        for size in sizes:
            filling.to(size)
            with step(f"Measure with {size} datasets, {organizations} organizations, {rounds} rounds"):
                timings = measure(portals, pages(filling.names), rounds)
            say(table(size, organizations, timings))
    say(EXPLAINED.format(rounds=rounds, ratio=MOST_RATIO, shelf=MOST_SHELF_MS))


EXPLAINED = """
Medians of {rounds} rounds; "lowest to highest" are the ratios of five equal parts of the run,
"fastest" is the ratio of the shortest times. Aim: a ratio of at most {ratio:.2f}; a page with
shelves (home, search with lane, dataset, organization) may take {shelf:.0f} ms more instead."""


def _sizes(text: str) -> list[int]:
    sizes = sorted({int(part) for part in text.split(",")})
    if sizes[0] < BASE:
        raise argparse.ArgumentTypeError(f"the smallest size is {BASE}")
    return sizes


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=_sizes, default="333,10000", help="datasets, by commas")
    parser.add_argument("--organizations", type=int, default=0, help="how many, if more than invented")
    parser.add_argument("--rounds", type=int, default=30, help="how often each page is asked for")
    options = parser.parse_args()
    organizations = max(options.organizations, len(ORGANIZATIONS))
    return program.measured(compare, options.sizes, organizations, max(options.rounds, 1))


if __name__ == "__main__":
    sys.exit(main())
