"""Why two datasets stand beside each other: a thing that both records hold and few others do.

Each kind of reason is a small class in :data:`KINDS`: what of a record can be shared, where
the search index has it, and how the reason is said. Adding one is adding one class.
"""
from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ckanext.civicswitchboard.core.related.text import (
    GENERIC,
    MANIFOLD,
    NAMELESS,
    WEAK,
    fold,
    is_number,
    words,
    words_once,
)
from ckanext.civicswitchboard.core.schema.labels import N_

Key = tuple[str, str]

# A value that more datasets share is no reason, nor is a word that more of them carry.
MOST_SHARE = 0.20
# A value that more of them share is a reason, but a weak one.
BROAD_SHARE = 0.05
# Fewer datasets than this are always few.
FEW = 5
# So many are a crowd where they are more than BROAD_SHARE, or share a theme or a group: what
# a crowd shares is a reason only with a word beside it, or, for a group, where there is none better.
CROWD = 10
# Of so many tags one alone says little about a record: it needs a word beside it too.
MANY_TAGS = 15
MOST_THINGS = 3

# Not a kind of reason: every word of a record's title, tags and publisher. What many
# records carry there, such as the region's name, is no reason wherever it stands.
ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Facts:
    """What of a record can be shared.

    :ivar groups: CKAN groups, title by name
    :ivar themes: terms, label by value
    :ivar decades: each by its first year
    :ivar publisher: the names that its organization goes by
    :ivar notes: its description, which gives no reason but can support one
    :ivar by_neighborhood: whether its places are neighborhoods
    """

    title: str
    tags: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    collection: str = ""
    decades: tuple[int, ...] = ()
    publisher: tuple[str, ...] = ()
    notes: str = ""
    by_neighborhood: bool = False


@dataclass(frozen=True)
class Value:
    """A thing that a record holds.

    :ivar text: how a person reads it
    :ivar indexed: how the search index has it
    """

    text: str
    indexed: str


Values = dict[str, Value]
Things = dict[str, "Thing"]


@dataclass(frozen=True)
class Common:
    """How common values are among the portal's public datasets.

    :ivar total: how many datasets there are
    :ivar counts: how many of them hold a value, by kind and key
    :ivar stopped: keys that are never a reason: process tags, the region's names
    """

    total: int = 0
    counts: Mapping[Key, int] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()

    def crowded(self, kind: str, key: str, broad: bool) -> bool:
        """Whether a value puts a crowd of datasets together.

        :param broad: whether all values of the kind do so by their nature
        """
        many = self.counts.get((kind, key), 0) >= CROWD
        return many and (broad or self.exceeds(BROAD_SHARE, kind, key))

    def exceeds(self, share: float, kind: str, key: str) -> bool:
        """Whether more than a share of the datasets hold a value."""
        count = self.counts.get((kind, key), 0)
        return count >= FEW and count > share * self.total

    def rareness(self, kind: str, key: str) -> float:
        """From near 0 for what all hold to 1 for what one holds."""
        count = max(self.counts.get((kind, key), 1), 1)
        total = max(self.total, count) + 1
        return max(math.log(total / count) / math.log(total), 0.05)

    def says_nothing(self, text: str, general: frozenset[str] = GENERIC) -> bool:
        """Whether a text consists of words that tell nothing: general ones, numbers, the region."""
        return all(self.word_says_nothing(word, general) for word in words(text.replace("-", " ")))

    def word_says_nothing(self, word: str, general: frozenset[str] = GENERIC) -> bool:
        """Whether a word tells nothing here."""
        return (
            word in general
            or word in self.stopped
            or is_number(word)
            or self.exceeds(MOST_SHARE, ANYWHERE, word)
        )


@dataclass(frozen=True)
class Thing:
    """What two records share.

    :ivar weight: how much it says that they go together
    :ivar broad: whether it puts many datasets together, so that it says little alone
    :ivar crowded: whether alone it says nothing: it puts too many together, or means too much
    :ivar chosen: whether somebody put the records together by it, so that it is better than nothing
    """

    text: str
    weight: float
    broad: bool = False
    crowded: bool = False
    chosen: bool = False


@dataclass(frozen=True)
class Reason:
    """A reason in words.

    :ivar wording: a sentence with a place for ``{things}``, to be translated
    :ivar things: the shared things, the rarest first
    :ivar last: whether it is one to give only where there is none better
    """

    wording: str
    things: tuple[Thing, ...]
    last: bool = False

    @property
    def weight(self) -> float:
        """How much it says."""
        return sum(thing.weight for thing in self.things)

    @property
    def broad(self) -> bool:
        """Whether it says little alone."""
        return all(thing.broad for thing in self.things)


class Kind(ABC):
    """A kind of reason.

    :cvar name: its name, as counts go by
    :cvar field: the field of the search index that holds the values
    :cvar wording: how it is said
    :cvar weight: how much it says, against the other kinds
    :cvar general: words that tell nothing in a value of this kind
    :cvar chosen: whether people put records together by it
    :cvar in_text: whether the record's text holds it too, so that other spellings are found
    :cvar of_words: whether its values are words of a publisher's choice, not names
    """

    name: ClassVar[str]
    field: ClassVar[str]
    wording: ClassVar[str] = N_("both about {things}")
    weight: ClassVar[float] = 1.0
    broad: ClassVar[bool] = False
    chosen: ClassVar[bool] = False
    most_share: ClassVar[float] = MOST_SHARE
    general: ClassVar[frozenset[str]] = GENERIC
    in_text: ClassVar[bool] = False
    of_words: ClassVar[bool] = False

    @abstractmethod
    def values(self, facts: Facts) -> Values:
        """What a record holds of this kind, by what makes two of them the same."""

    def says(self, facts: Facts) -> str:
        """How the reason is said of a record."""
        return self.wording

    def usable(self, facts: Facts, common: Common) -> Values:
        """What of it can be a reason."""
        publisher = set(map(fold, facts.publisher))
        return {
            key: value
            for key, value in self.values(facts).items()
            if not common.exceeds(self.most_share, self.name, key)
            and key not in common.stopped
            and key not in publisher
            and not common.says_nothing(value.text, self.general)
        }

    def thing(self, key: str, value: Value, common: Common) -> Thing:
        """A value as a thing to be shared."""
        return Thing(
            text=value.text,
            weight=self.weight * common.rareness(self.name, key),
            broad=self.broad or common.exceeds(BROAD_SHARE, self.name, key),
            crowded=common.crowded(self.name, key, self.broad) or self.manifold(value),
            chosen=self.chosen,
        )

    def manifold(self, value: Value) -> bool:
        """Whether a value means one thing here and another there."""
        return self.of_words and words(value.text).keys() <= MANIFOLD

    def shared(self, own: Things, one: Facts, other: Comparable) -> list[Thing]:
        """What of a record's own things another one holds too, in the first one's words."""
        theirs = other.keys[self.name]
        return [thing for key, thing in own.items() if key in theirs]


class Tag(Kind):
    """The same tag, however it is spelled."""

    name, field, in_text = "tag", "tags", True
    of_words = True

    def values(self, facts: Facts) -> Values:
        # A leading underscore is a machine's mark.
        return _by_key(tag for tag in facts.tags if not tag.startswith("_"))


class Place(Kind):
    """The same named place."""

    name, field, in_text = "place", "vocab_civicswitchboard_places", True
    wording = N_("same place: {things}")
    weight = 1.2
    general = NAMELESS

    def values(self, facts: Facts) -> Values:
        return _by_key(facts.places)

    def says(self, facts: Facts) -> str:
        return N_("same neighborhood: {things}") if facts.by_neighborhood else self.wording


class Collection(Kind):
    """Made from the same collection."""

    name, field, in_text = "collection", "vocab_civicswitchboard_collection", True
    wording = N_("both from the collection {things}")
    weight = 1.2
    general = NAMELESS

    def values(self, facts: Facts) -> Values:
        return _by_key([facts.collection] if facts.collection else [])


class Decade(Kind):
    """About the same decade, long ago."""

    name, field = "decade", "vocab_civicswitchboard_decades"
    wording = N_("also from the {things}")
    weight = 0.8

    def values(self, facts: Facts) -> Values:
        return {str(first): Value(f"{first}s", f"{first}s") for first in facts.decades}

    def usable(self, facts: Facts, common: Common) -> Values:
        return {
            key: value
            for key, value in self.values(facts).items()
            if not common.exceeds(MOST_SHARE, self.name, key)
        }


class Word(Kind):
    """A rare word of both titles."""

    name, field = "word", "title"
    of_words = True
    weight = 0.8
    most_share = BROAD_SHARE

    def values(self, facts: Facts) -> Values:
        return {
            word: Value(text, text)
            for word, text in words(facts.title).items()
            if len(word) > 2 and not is_number(word)
        }

    def shared(self, own: Things, one: Facts, other: Comparable) -> list[Thing]:
        """Shared words, those that follow each other in both titles as one."""
        if own.keys().isdisjoint(other.title):
            return []
        things = []
        for run in _runs(list(words(one.title).items()), list(other.title)):
            rare = [number for number, (key, _) in enumerate(run) if key in own]
            weak = all(run[number][0] in WEAK for number in rare)
            if rare and not (weak and len(rare) == 1):
                text = " ".join(text for _, text in run[rare[0] : rare[-1] + 1])
                weight = max(own[run[number][0]].weight for number in rare)
                things.append(Thing(text, weight, crowded=words(text).keys() <= MANIFOLD))
        return things


class Theme(Kind):
    """The same theme of the shared schema."""

    name, field = "theme", "vocab_civicswitchboard_theme"
    weight = 0.5
    broad = True
    general = NAMELESS

    def values(self, facts: Facts) -> Values:
        return {value: Value(label, value) for value, label in facts.themes.items()}


class Group(Kind):
    """The same CKAN group."""

    name, field = "group", "groups"
    wording = N_("both in {things}")
    weight = 0.5
    broad = True
    chosen = True
    general = NAMELESS

    def values(self, facts: Facts) -> Values:
        return {name: Value(title, name) for name, title in facts.groups.items()}


# In the order in which reasons are told.
KINDS: tuple[Kind, ...] = (Place(), Tag(), Word(), Collection(), Decade(), Theme(), Group())


class Comparable:
    """A record, ready to have many others held against it.

    :ivar title: the words of its title, in their order
    :ivar keys: what it holds that can be shared, by the name of the kind
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.title = tuple(words(facts.title))
        publisher = set(map(fold, facts.publisher))
        self.keys = {kind.name: kind.values(facts).keys() - publisher for kind in KINDS}


class Seeker:
    """A record, ready to be held against many others.

    :ivar own: its things that can be a reason, by kind
    """

    def __init__(self, facts: Facts, common: Common) -> None:
        self.facts = facts
        self.common = common
        self.own: list[tuple[Kind, Things, Values]] = []
        for kind in KINDS:
            values = kind.usable(facts, common)
            things = {key: kind.thing(key, value, common) for key, value in values.items()}
            self.own.append((kind, things, values))

    def wanted(self) -> Iterator[tuple[Kind, Thing, Value]]:
        """What to look for in others."""
        for kind, things, values in self.own:
            for key, thing in things.items():
                yield kind, thing, values[key]

    def reasons(self, other: Comparable) -> list[Reason]:
        """Why another record goes with this one, in this one's words; none when it doesn't."""
        reasons: dict[str, list[Thing]] = {}
        named: set[str] = set()
        for kind, own, _ in self.own:
            for thing in sorted(kind.shared(own, self.facts, other), key=_heavy_first):
                # A title's word that is a tag too, or a theme that is a tag, is told once.
                if fold(thing.text) in named or words(thing.text).keys() <= named:
                    continue
                named |= {fold(thing.text), *words(thing.text)}
                reasons.setdefault(kind.says(self.facts), []).append(thing)
        shared = [thing for things in reasons.values() for thing in things]
        last = len(shared) == 1 and not self._says_enough(other.facts, shared[0])
        if last and not shared[0].chosen:
            return []
        return [
            Reason(wording, tuple(sorted(_longest(things), key=_heavy_first)[:MOST_THINGS]), last)
            for wording, things in reasons.items()
        ]


    def _says_enough(self, other: Facts, thing: Thing) -> bool:
        """Whether a thing can stand alone, or has a word beside it."""
        weak = thing.crowded or max(len(self.facts.tags), len(other.tags)) > MANY_TAGS
        return not weak or self._supported(other, thing)

    def _supported(self, other: Facts, thing: Thing) -> bool:
        """Whether a word of one's title or tags, another than the shared thing's, is in the other's text.

        A crowd's group or tag holds much that has nothing to do with each other; the same
        group and a word besides does not.
        """
        known = {fold(thing.text), *words(thing.text)}
        return any(
            word not in known
            for first, second in ((self.facts, other), (other, self.facts))
            for word in _subjects(first) & _text(second)
            if not self.common.word_says_nothing(word)
        )


def _longest(things: list[Thing]) -> list[Thing]:
    """Without the things whose words a longer one holds too: "budget" beside "operating budget"."""
    return [
        thing
        for thing in things
        if not any(words(thing.text).keys() < words(other.text).keys() for other in things)
    ]


def _subjects(facts: Facts) -> set[str]:
    return {word for text in (facts.title, *facts.tags) for word in words(text)}


def _text(facts: Facts) -> set[str]:
    return _subjects(facts) | words_once(facts.notes).keys()


def _heavy_first(thing: Thing) -> tuple[float, str]:
    return -thing.weight, fold(thing.text)


def weight(things: Iterable[Reason]) -> float:
    """How much reasons say together: the more, and the rarer what they name, the more."""
    return sum(reason.weight for reason in things)


def only_broad(shared: Iterable[Reason]) -> bool:
    """Whether all there is is one thing that puts many datasets together."""
    things = [thing for reason in shared for thing in reason.things]
    return len(things) == 1 and things[0].broad


def last(things: Iterable[Reason]) -> bool:
    """Whether all there is is a reason to give only where there is none better."""
    return all(reason.last for reason in things)


def keys(facts: Facts) -> Iterator[Key]:
    """Everything of a record that is counted."""
    for kind in KINDS:
        for key in kind.values(facts):
            yield kind.name, key
    for word in _anywhere(facts):
        yield ANYWHERE, word


def count(records: Iterable[Facts]) -> tuple[int, Counter[Key]]:
    """How many records there are, and how many of them hold each value."""
    total, counts = 0, Counter[Key]()
    for facts in records:
        total += 1
        counts.update(set(keys(facts)))
    return total, counts


def _anywhere(facts: Facts) -> set[str]:
    texts = (facts.title, facts.collection, *facts.tags, *facts.places, *facts.publisher,
             *facts.groups.values(), *facts.themes.values())
    # A hyphen joins a word in one record and parts two in another.
    return {word for text in texts for form in (text, text.replace("-", " ")) for word in words(form)}


def _by_key(texts: Iterable[str]) -> Values:
    values: Values = {}
    for text in texts:
        key = fold(text)
        if key:
            values.setdefault(key, Value(text, text))
    return values


def _runs(one: list[tuple[str, str]], other: list[str]) -> Iterator[list[tuple[str, str]]]:
    """The longest stretches of the first list that stand in the second in the same order."""
    place = {key: number for number, key in enumerate(other)}
    run: list[tuple[str, str]] = []
    for key, text in one:
        if run and place.get(key) != place[run[-1][0]] + 1:
            yield run
            run = []
        if key in place:
            run.append((key, text))
    if run:
        yield run
