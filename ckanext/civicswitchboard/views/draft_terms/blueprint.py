"""The blueprint of these pages, and what they share."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, request

from ckanext.civicswitchboard.core.schema.document import Document, Vocabulary
from ckanext.civicswitchboard.schema_registry import merge_edit, versions
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Frame

civicswitchboard_draft_terms = Blueprint(
    "civicswitchboard_draft_terms", __name__, url_prefix="/metadata-schema/draft"
)


def opened(here: str) -> Frame:
    """The frame around a page.

    :param here: the page's name in the navigation
    """
    return common.frame(merge_edit.opened(common.user()), here)


def address(page: str, /, **ids: Any) -> str:
    """The address of one of these pages."""
    return str(tk.h.url_for(f"civicswitchboard_draft_terms.{page}", **ids))


def vocabulary_of(document: Document, vocabulary_id: str) -> Vocabulary:
    """A vocabulary of the draft.

    :raises NotFound: when it has none with this id
    """
    vocabulary = document.vocabulary(vocabulary_id)
    if vocabulary is None:
        raise tk.ObjectNotFound(tk._("The draft doesn't have a vocabulary “%s”") % vocabulary_id)
    return vocabulary


def published() -> Document:
    """The document that is current: what stands in it does not disappear."""
    return versions.newest().document


def typed(name: str) -> str:
    """What stands in an input of the posted form."""
    return request.form.get(name, "").strip()
