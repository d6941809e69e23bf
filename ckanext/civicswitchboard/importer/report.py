"""What an import did, told in lines that stay few however many the records are."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ckanext.civicswitchboard.core.importer.plan import Note, NoteKind

OUTCOMES = ("created", "updated", "unchanged", "refused")
_EXAMPLES = 3

_HEADINGS: dict[NoteKind, str] = {
    "tag": "Tags changed, as far as CKAN demands",
    "own_key": "Values kept in “Other fields” under a name of their own",
    "text": "Characters that cannot be stored",
    "left_out": "Left out",
    "deleted": "Deleted in this portal",
    "gap": "Gaps: accepted as they are, for the datasets' fix lists",
}


@dataclass
class Report:
    """Counts, refusals and notes of one import.

    :ivar refused: line number, name where there is one, and reason
    :ivar not_indexed: name and reason of datasets that are stored but not found by search
    """

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    not_indexed: list[tuple[str, str]] = field(default_factory=list)
    _notes: dict[NoteKind, dict[tuple[str, str], list[str]]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether every record is in, and found."""
        return not self.refused and not self.not_indexed

    def refuse(self, number: int, name: str, reason: str) -> None:
        """Note a record that cannot be imported."""
        self.counts["refused"] += 1
        self.refused.append((number, name, reason))

    def note(self, name: str, notes: Iterable[Note]) -> None:
        """Keep a record's notes; the same note of many records is one line."""
        for note in notes:
            kind = self._notes.setdefault(note.kind, defaultdict(list))
            kind[note.subject, note.text].append(name)

    def lines(self) -> Iterator[str]:
        """The report, its last line the counts."""
        for kind, heading in _HEADINGS.items():
            if kind in self._notes:
                yield heading
                yield from _gap_lines(self._notes[kind]) if kind == "gap" else _note_lines(
                    self._notes[kind]
                )
        if self.not_indexed:
            yield "Stored, but refused by the search index"
            yield from (f"  {name}: {reason}" for name, reason in self.not_indexed)
        if self.refused:
            yield "Refused"
            for number, name, reason in self.refused:
                yield f"  line {number}{f' ({name})' if name else ''}: {reason}"
        yield ", ".join(f"{outcome} {self.counts[outcome]}" for outcome in OUTCOMES)


def _note_lines(notes: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    for (subject, text), names in notes.items():
        yield f"  {_short(subject)}{text} · {_datasets(names)}"


def _gap_lines(notes: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    """A line a field: how many, and what most of them are."""
    fields: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, list[str]] = defaultdict(list)
    for (subject, text), records in notes.items():
        fields[subject][text] += len(records)
        names[subject] += records
    for subject in sorted(fields, key=lambda gap: -fields[gap].total()):
        common = "; ".join(f"{text} ({count})" for text, count in fields[subject].most_common(2))
        more = len(fields[subject]) - 2
        rest = f"; and {more} more" if more > 0 else ""
        yield f"  {subject}: {fields[subject].total()} in {_datasets(names[subject])}: {common}{rest}"


def _datasets(names: list[str]) -> str:
    different = list(dict.fromkeys(names))
    listed = ", ".join(different[:_EXAMPLES]) + (" …" if len(different) > _EXAMPLES else "")
    return f"{len(different)} dataset{'s' if len(different) != 1 else ''} ({listed})"


def _short(text: str) -> str:
    if not text:
        return ""
    return f"“{text if len(text) <= 60 else text[:59] + '…'}” "
