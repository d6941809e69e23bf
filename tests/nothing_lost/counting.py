"""Which cells of the table were tried."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Cells by their path, kind and role."""

    tried: set[tuple[str, str, str]] = field(default_factory=set)
    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)
    lost: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def run(self, path: str, kind: str, role: str) -> None:
        self.tried.add((path, kind, role))

    def skipped(self, path: str, kind: str, role: str, reason: str) -> None:
        assert reason
        self.reasons[path, kind, role] = reason

    def failed(self, path: str, lost: Mapping[str, str]) -> None:
        self.lost[path] = lost

    def lines(self) -> Iterator[str]:
        """The table in a few lines."""
        paths, kinds, roles = ({cell[place] for cell in self.tried} for place in range(3))
        yield (
            f"{len(paths)} paths × {len(kinds)} kinds of stored value × {len(roles)} roles:"
            f" {len(self.tried)} cells tried, {len(self.reasons)} skipped"
        )
        tried, skipped = (Counter(path for path, _kind, _role in cells) for cells in (self.tried, self.reasons))
        for path in tried:
            lost = len(self.lost.get(path, {}))
            yield f"  {path}: {tried[path]} tried, {skipped[path]} skipped" + (f", {lost} lost something" if lost else "")
        for reason, count in Counter(self.reasons.values()).most_common():
            yield f"  skipped {count}: {reason}"


COUNTS = Counts()
