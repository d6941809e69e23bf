"""The properties of other standards that a field can be mapped to, one YAML file per standard.

A path lists properties, such as ``dct:temporal/dcat:startDate``. A step can name the kind of a
property: ``descriptions[Methods].description``.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from ckanext.civicswitchboard.core.formats.standards.standard import Property, Standard, load
from ckanext.civicswitchboard.core.schema import labels


class _Standards(Mapping[str, Standard]):
    """The standards by key. A standard's file is read when it is first used."""

    def __getitem__(self, key: str) -> Standard:
        if key not in labels.STANDARDS:
            raise KeyError(key)
        return load(key)

    def __iter__(self) -> Iterator[str]:
        return iter(labels.STANDARDS)

    def __len__(self) -> int:
        return len(labels.STANDARDS)


STANDARDS: Mapping[str, Standard] = _Standards()

__all__ = ["STANDARDS", "Property", "Standard"]
