"""The properties that a field can correspond to, standard by standard: facts, in our own words.

A target is a path of properties, such as ``dct:temporal/dcat:startDate``; a step may say which
kind of a property is meant, ``descriptions[Methods].description``.
"""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards import datacite, dcat, dublin_core, mods, schema_org
from ckanext.civicswitchboard.core.formats.standards.standard import Property, Standard

STANDARDS: dict[str, Standard] = {
    each.STANDARD.key: each.STANDARD for each in (dcat, datacite, schema_org, dublin_core, mods)
}

__all__ = ["STANDARDS", "Property", "Standard"]
