"""Every page of the extension, asked for as often as it takes to know how long it takes."""
from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from access.test_who_may import PAGES
from support.people import People

MOST_BYTES = 1_000_000
MOST_SECONDS = 1.0
TIMES = 2

# Pages of core's that show what the shared schema says.
CORE_PUBLIC = ("/", "/dataset/", "/dataset/open", "/organization/", "/organization/public-library",
               "/organization/about/public-library")
CORE_FORMS = ("/dataset/new", "/dataset/edit/open", "/dataset/open/resource/new", "/organization/new",
              "/organization/edit/public-library")
DOWNLOADS = ("/schema.yaml", "/schema.json", "/fields.csv", "/profile.csv", "/vocabularies/frequency.csv")


@dataclass(frozen=True)
class Measure:
    """How large a page is and how long it takes.

    :ivar kind: ``public``, ``form``, ``curators`` or ``download``
    :ivar size: in bytes
    :ivar seconds: of the processor, the median of the requests after the first
    :ivar waited: from the request to the answer
    """

    kind: str
    path: str
    status: int
    size: int
    seconds: float
    waited: float

    @property
    def too_much(self) -> bool:
        """Whether it is more than a page may be; a file to take away may be large."""
        return self.beyond(MOST_SECONDS)

    def beyond(self, seconds: float) -> bool:
        """Whether it failed, is too large, or takes longer."""
        large = self.size > MOST_BYTES and self.kind != "download"
        return self.status != 200 or large or self.seconds > seconds

    def __str__(self) -> str:
        mark = " !" if self.too_much else ""
        return f"{self.kind:9} {self.path:58} {self.status} {self.size:12,} {self.seconds:7.2f} {self.waited:7.2f}{mark}"


def paths(run: str, suggestion: str, vocabulary: str = "") -> Iterator[tuple[str, str]]:
    """Every page that is read, with its kind.

    :param vocabulary: the id of the largest one, whose pages are asked for too
    """
    yield from (("public", path) for path in CORE_PUBLIC)
    yield from (("form", path) for path in CORE_FORMS)
    yield from (("public", f"/metadata-schema/versions/{path}") for path in ("2", "2/profile", "compare?from=1&to=2"))
    for page in PAGES.values():
        if not page.reads:
            continue
        path = page.below + page.path.format(run=run, suggestion=suggestion)
        kind = "public" if "anonymous" in page.reads else "curators"
        yield ("download" if path.endswith(DOWNLOADS) else kind), path
    if vocabulary:
        below = "/metadata-schema"
        yield "public", f"{below}/vocabularies/{vocabulary}"
        yield "public", f"{below}/vocabularies/{vocabulary}?q=river&page=2"
        yield "download", "/api/3/action/scheming_dataset_schema_show?type=dataset"
        yield "public", f"/api/3/action/civicswitchboard_term_search?vocabulary={vocabulary}&q=bridges%2018"
        yield from (("download", f"{below}/vocabularies/{vocabulary}.{form}") for form in ("csv", "ttl", "jsonld"))
        yield "curators", f"{below}/draft/vocabularies/{vocabulary}"
        yield "curators", f"{below}/draft/vocabularies/{vocabulary}?term={vocabulary}_17000"
        yield "curators", f"{below}/draft/fields/dataset/subject_1"
        yield "curators", f"{below}/repairs/new?kind=merge_terms&vocabulary={vocabulary}"
        yield "curators", f"{below}/repairs/new?kind=map_values&field=subject_0"


def measure(app: Any, people: People, kind: str, path: str, times: int = TIMES) -> Measure:
    """Ask for a page: anybody for a public one, a curator or publisher for another."""
    headers = {} if kind in ("public", "download") else people.headers("sysadmin")
    client = app.test_client()
    spent, waited = [], []
    for _time in range(times + 1):
        began, started = time.process_time(), time.perf_counter()
        answer = client.get(path, headers=headers, follow_redirects=False)
        size = len(answer.data)
        spent.append(time.process_time() - began)
        waited.append(time.perf_counter() - started)
        if spent[-1] > 20:
            break
    warm = slice(1, None) if len(spent) > 1 else slice(None)
    return Measure(kind, path, answer.status_code, size, median(spent[warm]), median(waited[warm]))
