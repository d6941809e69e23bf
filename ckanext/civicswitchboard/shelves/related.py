"""What goes with a dataset, or with a library's datasets, and why: one small search each."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.core.related import reasons
from ckanext.civicswitchboard.core.related.reasons import Comparable, Reason, Seeker
from ckanext.civicswitchboard.core.related.text import fold
from ckanext.civicswitchboard.partners import Partner
from ckanext.civicswitchboard.shelves import facts, items
from ckanext.civicswitchboard.shelves.search import (
    LIBRARY,
    any_of,
    libraries,
    literal,
    public_datasets,
    published_by,
)
from ckanext.civicswitchboard.shelves.value_counts import common_for

Record = dict[str, Any]

MOST_ITEMS = 6
# Of those that share but one thing, and that with many.
MOST_BROAD = 3
# Those that have but a group in common are shown where there are fewer others than this.
FEW = 3
ROWS = 30
MOST_CLAUSES = 60
RANKED: dict[str, Any] = {"rows": ROWS, "sort": "score desc, metadata_modified desc"}
MOST_FOR_EACH = 2


@dataclass(frozen=True)
class Item:
    """A dataset that stands beside another.

    :ivar organization: its publisher's name, empty when it has none
    :ivar pinned: whether an editor chose it
    :ivar beside: the title of the library's own dataset that it goes with, on a library's page
    """

    id: str
    name: str
    title: str
    organization: str
    reasons: tuple[Reason, ...]
    pinned: bool = False
    beside: str = ""


def beside_dataset(shown: Record, limit: int = MOST_ITEMS) -> list[Item]:
    """Public datasets that go with a dataset: libraries' beside others', others' beside a library's.

    :param shown: the dataset as of package_show
    :raises SearchUnavailable: while the search engine is in trouble
    """
    chosen = items.chosen(shown["id"])
    own = facts.of_dataset(shown)
    seeker = Seeker(own, common_for([own]))
    everyone = partners.by_organization()
    publisher = (shown.get("organization") or {}).get("name", "")
    pins = [f"id:({any_of(chosen.pinned)})"] if chosen.pinned else []
    query = [*(f"{pin}^=1000" for pin in pins), *_clauses([seeker])]
    where = [*pins, *_across(everyone, publisher)]
    if not query or not where:
        return []
    filters = [f"+({' OR '.join(where)})", f"-id:({any_of([shown['id'], *chosen.hidden])})"]
    candidates = _search(filters, q=" OR ".join(query), **RANKED)
    matched = _matched(candidates, [seeker], everyone, chosen.pinned)
    place = {dataset_id: number for number, dataset_id in enumerate(chosen.pinned)}
    return sorted(_best(matched), key=lambda item: place.get(item.id, len(place)))[:limit]


def beside_library(
    organization: Record, datasets: Iterable[Record], limit: int = MOST_ITEMS
) -> list[Item]:
    """Public datasets of others that go with a library's; none for others' pages.

    :param organization: the organization, with its name
    :param datasets: its datasets as its page shows them; private ones are left out
    :raises SearchUnavailable: while the search engine is in trouble
    """
    everyone = partners.by_organization()
    partner = everyone.get(organization["name"])
    if partner is None or partner.sector != LIBRARY:
        return []
    # Their descriptions would double the words to be looked up, for little.
    own = [
        replace(facts.of_dataset(dataset), notes="")
        for dataset in datasets
        if dataset.get("type") == "dataset" and not dataset.get("private")
    ]
    common = common_for(own)
    seekers = [Seeker(dataset_facts, common) for dataset_facts in own]
    query, where = _clauses(seekers), _across(everyone, partner.name)
    if not query or not where:
        return []
    candidates = _search([f"+({where[0]})"], q=" OR ".join(query), **RANKED)
    return list(_few_per_publisher(_best(_matched(candidates, seekers, everyone))))[:limit]


def _few_per_publisher(ranked: Iterable[Item]) -> Iterator[Item]:
    """Not all for one of a library's datasets, however well it is described."""
    times: Counter[str] = Counter()
    for item in ranked:
        times[item.beside] += 1
        if times[item.beside] <= MOST_FOR_EACH:
            yield item


def _across(everyone: Mapping[str, Partner], publisher: str) -> list[str]:
    """Who stands beside an organization: for a library all who are none, for the others libraries.

    :returns: one filter, none where nobody does
    """
    known = libraries(everyone.values())
    partner = everyone.get(publisher)
    if partner and partner.sector == LIBRARY:
        return [f"(*:* -{published_by(candidate for candidate in known if candidate.sector == LIBRARY)})"]
    others = [candidate for candidate in known if candidate.name != publisher]
    return [published_by(others)] if others else []


def _clauses(seekers: Iterable[Seeker]) -> list[str]:
    """What to search for: anything that can be a reason, the rarer the higher up."""
    weights: dict[str, float] = {}
    for seeker in seekers:
        for kind, thing, value in seeker.wanted():
            clause = f"{kind.field}:{literal(value.indexed)}"
            weights[clause] = max(weights.get(clause, 0), thing.weight)
            if kind.in_text:
                # Other spellings: there the index compares words without case and endings.
                for spelling in {value.indexed, fold(value.indexed)}:
                    weights.setdefault(f"text:{literal(spelling)}", thing.weight / 2)
    heaviest = sorted(weights.items(), key=lambda clause: -clause[1])[:MOST_CLAUSES]
    return [f"{clause}^={weight:.3f}" for clause, weight in heaviest]


def _search(filters: list[str], **parameters: Any) -> list[Record]:
    """Public datasets in the index's short form."""
    return public_datasets(filters, fl=facts.INDEXED, **parameters)[0]


def _matched(
    documents: Iterable[Record],
    seekers: list[Seeker],
    everyone: Mapping[str, Partner],
    pinned: Iterable[str] = (),
) -> Iterator[Item]:
    """The found datasets that have a reason to be there, or were pinned."""
    for document in documents:
        name = document.get("organization") or ""
        publisher = everyone.get(name)
        comparable = Comparable(facts.of_indexed(document, publisher.title if publisher else name))
        best, why = max(
            ((seeker, seeker.reasons(comparable)) for seeker in seekers),
            key=lambda match: reasons.weight(match[1]),
        )
        if why or document["id"] in pinned:
            yield Item(
                id=document["id"],
                name=document["name"],
                title=document.get("title") or document["name"],
                organization=name,
                reasons=tuple(why),
                pinned=document["id"] in pinned,
                beside=best.facts.title,
            )


def _best(matches: Iterable[Item]) -> list[Item]:
    """By how much their reasons say; at the end few of those with a weak one alone."""
    ranked = sorted(matches, key=lambda item: -reasons.weight(item.reasons))
    by_strength: dict[str, list[Item]] = {"strong": [], "broad": [], "last": []}
    for item in ranked:
        by_strength[_strength(item)].append(item)
    good = [*by_strength["strong"], *by_strength["broad"][:MOST_BROAD]]
    return [*good, *_in_turn(by_strength["last"])[: max(FEW - len(good), 0)]]


def _in_turn(matches: Iterable[Item]) -> list[Item]:
    """Partners' before those of organizations without a type, and one of each before a second of any."""
    everyone = partners.by_organization()
    times: Counter[str] = Counter()
    placed = []
    for item in matches:
        partner = everyone.get(item.organization)
        placed.append((partner is None or partner.sector is None, times[item.organization], item))
        times[item.organization] += 1
    return [item for _, _, item in sorted(placed, key=lambda match: match[:2])]


def _strength(item: Item) -> str:
    if item.pinned or not reasons.only_broad(item.reasons):
        return "strong"
    return "last" if reasons.last(item.reasons) else "broad"
