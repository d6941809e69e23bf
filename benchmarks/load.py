"""Steady load on a portal while versions of the shared schema are published.

Each version carries its number in the labels of many fields. A page on which two numbers stand
is a mixed one; a page that was asked for after a publish has to have that number, or a later.
"""
from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

Raw = dict[str, Any]
MARK = re.compile(r"\(mark (\d+)\)")
MARKED = "data_notes methods theme geographic_unit frequency_publishing citation collection".split()


def marked(document: Raw, number: int) -> Raw:
    """A document whose labels carry a number."""
    fields = [
        {**each, "label": f"{each['id']} (mark {number})"} if each["id"] in MARKED else each
        for each in document["dataset"]["fields"]
    ]
    return {**document, "dataset": {**document["dataset"], "fields": fields}}


@dataclass
class Seen:
    """What the load saw.

    :ivar requests: how many of which kind were answered
    :ivar failed: those that were not, or with an error, each with its reason
    :ivar mixed: pages with the marks of two versions
    :ivar stale: pages that were asked for after a publish and served by an older version
    :ivar waited: for each publish, the seconds from its end to the first page that has it
    """

    requests: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    published: list[tuple[float, int]] = field(default_factory=list)
    first_seen: dict[int, float] = field(default_factory=dict)

    @property
    def waited(self) -> list[float]:
        """The seconds from the end of each publish to the first page with its mark."""
        ended = {number: at for at, number in self.published}
        return [max(0.0, at - ended[number]) for number, at in self.first_seen.items() if number in ended]


class Load:
    """Clients that ask without a pause, each its kind of page.

    :ivar seen: what they saw so far
    """

    def __init__(self, url: str, token: str, datasets: list[str]) -> None:
        self.url = url
        self.token = token
        self.datasets = datasets
        self.seen = Seen()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, seconds: float, publish: Callable[[int], None], pause: float, least: int = 3) -> Seen:
        """Publish version after version under load.

        :param seconds: how long at least; on a busy machine it goes on until there is enough to see
        :param publish: publishes the labels with a number, and returns when it is done
        :param pause: the seconds between two publishes
        :param least: how many versions, and answers of each kind, are enough
        """
        threads = [threading.Thread(target=self._ask, args=(kind,)) for kind in self._kinds()]
        for each in threads:
            each.start()
        try:
            end = time.monotonic() + seconds
            for number in itertools.count(1):
                publish(number)
                with self._lock:
                    self.seen.published.append((time.monotonic(), number))
                time.sleep(pause)
                asked = min(self.seen.requests[kind] for kind in self._kinds())
                if time.monotonic() > end and min(asked, number) >= least:
                    break
        finally:
            self._stop.set()
            for each in threads:
                each.join()
        return self.seen

    def _kinds(self) -> dict[str, Callable[[Any, str], Any]]:
        address = self.url
        return {
            "home": lambda client, name: client.get(f"{address}/"),
            "search": lambda client, name: client.get(f"{address}/dataset/?q={name}"),
            "dataset": lambda client, name: client.get(f"{address}/dataset/{name}"),
            "form": lambda client, name: client.get(f"{address}/dataset/edit/{name}"),
            "save": lambda client, name: client.post(
                f"{address}/api/3/action/package_patch", json={"id": name, "notes": f"At {time.time()}"}
            ),
        }

    def _ask(self, kind: str) -> None:
        ask, client = self._kinds()[kind], requests.Session()
        if kind in ("form", "save"):
            client.headers["Authorization"] = self.token
        for name in self._names():
            began, least = time.monotonic(), self._newest()
            try:
                answer = ask(client, name)
                problem = "" if answer.ok else f"{answer.status_code} {answer.text[:300]}"
            except requests.RequestException as error:
                answer, problem = None, repr(error)
            with self._lock:
                self.seen.requests[kind] += 1
                if problem:
                    self.seen.failed.append(f"{kind} {name}: {problem}")
                elif answer is not None:
                    self._look(f"{kind} {name} at {began:.2f}", answer.text, least)

    def _names(self) -> Iterator[str]:
        for name in itertools.cycle(self.datasets):
            if self._stop.is_set():
                return
            yield name

    def _newest(self) -> int:
        with self._lock:
            return self.seen.published[-1][1] if self.seen.published else 0

    def _look(self, what: str, text: str, least: int) -> None:
        marks = {int(number) for number in MARK.findall(text)}
        if len(marks) > 1:
            self.seen.mixed.append(f"{what}: {sorted(marks)}")
        for number in marks:
            self.seen.first_seen.setdefault(number, time.monotonic())
            if number < least:
                self.seen.stale.append(f"{what}: {number}, published was {least}")
