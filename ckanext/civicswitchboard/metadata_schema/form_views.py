"""Views of the dataset and resource forms, where CKAN's and ckanext-scheming's would lose something."""
from __future__ import annotations

from typing import Any

from ckan.plugins.toolkit import request
from ckan.views.dataset import CreateView
from ckanext.scheming import views as scheming

from ckanext.civicswitchboard.metadata_schema import live


class DatasetCreateView(scheming.SchemingCreateView):
    """The form of a new dataset, on one page or on more."""

    def post(self, package_type: str) -> Any:
        """Create the dataset, or save the page of a draft.

        CKAN sends the form of a draft here too and replaces the whole record with what was sent. A page
        has only some of the fields, so it is saved as a page.
        """
        if not live.current().form_pages:
            return CreateView.post(self, package_type)
        draft = request.form.get("pkg_name")
        if draft:
            page = request.form.getlist("_ckan_phase")[-1]
            return scheming.SchemingCreatePageView().post(package_type, draft, page)
        return super().post(package_type)
