"""How many records a repair counts, beside how many the review of a draft counts for them."""
from __future__ import annotations

from dataclasses import dataclass, field

from ckanext.civicswitchboard.core.schema.document import Entity


@dataclass
class Tally:
    """What the counted records are: the review counts neither drafts nor deleted ones, and a dataset
    once with its files.

    :ivar resources: how many are files and links
    :ivar drafts: how many are drafts, or files of drafts
    :ivar deleted: how many are deleted, or files of deleted datasets
    """

    resources: int = 0
    drafts: int = 0
    deleted: int = 0
    _datasets: dict[str, bool] = field(default_factory=dict, repr=False)
    _organizations: int = field(default=0, repr=False)

    def add(self, entity: Entity, dataset: str, state: str | None) -> None:
        """Count one more record.

        :param dataset: its dataset's id, empty for an organization
        :param state: ``active``, ``draft`` or ``deleted``; None where it is there no more
        """
        active = state == "active"
        self.drafts += state == "draft"
        self.deleted += state == "deleted"
        if entity == "organization":
            self._organizations += active
            return
        self.resources += entity == "resource"
        self._datasets[dataset] = active or self._datasets.get(dataset, False)

    def dictize(self) -> dict[str, int]:
        """As the API gives it, with how many datasets they are in and how many the review counts for them."""
        return {
            "datasets": len(self._datasets),
            "resources": self.resources,
            "drafts": self.drafts,
            "deleted": self.deleted,
            "as_reviewed": sum(self._datasets.values()) + self._organizations,
        }
