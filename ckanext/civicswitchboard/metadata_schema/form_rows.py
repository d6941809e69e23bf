"""Rows of repeating fields that a form sends to a patch action."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.rows import gather
from ckanext.civicswitchboard.metadata_schema import live


def gather_sent(entity: Entity, sent: dict[str, Any]) -> None:
    """Turn inputs such as ``people-0-given`` into the list ``people``; in place.

    A patch action puts what was sent over the stored record, which has the list under the field's own
    name. Inputs that are still flat at that point would be ignored for the stored list.

    :param entity: whose record is patched
    :param sent: what the form sent, under the field's name of today or an earlier one
    """
    fields = live.current().document.fields_of(entity)
    repeating = [field for field in fields if field.repeating_subfields]
    gather(sent, [name for field in repeating for name in (field.field_name, *field.previous_names)])
