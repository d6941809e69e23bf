"""Views of the dataset and resource forms, where CKAN's and ckanext-scheming's would lose something."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import DataError, unflatten
from ckan.logic import clean_dict, parse_params, tuplize_dict
from ckan.plugins.toolkit import request
from ckan.views import resource
from ckan.views.dataset import CreateView, EditView, _tag_string_to_list
from ckanext.scheming import views as scheming
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict

from ckanext.civicswitchboard.records.translate_input import FORM_VERSION
from ckanext.civicswitchboard.schema_registry import versions

Record = dict[str, Any]


class DatasetCreateView(scheming.SchemingCreateView):
    """The form of a new dataset, on one page or on more."""

    def post(self, package_type: str) -> Any:
        """Create the dataset, or save the page of a draft.

        CKAN sends the form of a draft here too and replaces the whole record with what was sent. A page
        has only some of the fields, so it is saved as a page.
        """
        if not versions.current().form_pages:
            return CreateView.post(self, package_type)
        draft = request.form.get("pkg_name")
        if draft:
            page = (request.form.getlist("_ckan_phase") or [""])[-1]
            return scheming.SchemingCreatePageView().post(package_type, draft, page)
        return self._begin(package_type)

    def _begin(self, package_type: str) -> Any:
        """Make a draft of the first page.

        CKAN's view publishes a new dataset at once where the portal asks for no resources.
        """
        context = self._prepare()
        try:
            sent = clean_dict(unflatten(tuplize_dict(parse_params(request.form))))
        except DataError:
            return tk.abort(400, tk._("We couldn’t read this form. Open it again and send it once more"))
        sent.update(type=package_type, state="draft")
        if "tag_string" in sent:
            sent["tags"] = _tag_string_to_list(sent["tag_string"])
        context["allow_state_change"] = True
        try:
            made = tk.get_action("package_create")(context, sent)
        except tk.NotAuthorized:
            return tk.abort(403, tk._("You can’t add datasets here"))
        except tk.ValidationError as error:
            sent["state"] = "none"
            return self.get(package_type, sent, error.error_dict, error.error_summary)
        if len(versions.current().form_pages) == 1:
            return tk.redirect_to(f"{package_type}_resource.new", id=made["name"])
        return tk.redirect_to(f"{package_type}.scheming_new_page", id=made["name"], page=2)


def edit_dataset(package_type: str, id: str) -> Any:
    """The form of a stored dataset; CKAN's own, in one page, for a record of another type."""
    package = model.Package.get(id)
    if package is not None and package.type != package_type:
        return EditView().get(package_type, id)
    return scheming.edit(package_type, id)


class ResourceCreateView(resource.CreateView):
    """The form of a new resource, and of any resource of a draft."""

    def post(self, package_type: str, id: str) -> Any:
        """Save the resource; with nothing filled in, CKAN publishes the draft without one."""
        sent = list(request.form.items(multi=True))
        filled_in = any(value for name, value in sent if name not in _not_typed())
        if not filled_in and not request.files.get("upload"):
            request.form = ImmutableMultiDict([pair for pair in sent if pair[0] != FORM_VERSION])
        return super().post(package_type, id)

    def get(
        self, package_type: str, id: str, data: Any = None, errors: Any = None, error_summary: Any = None
    ) -> Any:
        """Show the form; after an error, with the file that is stored."""
        if data and errors:
            _show_stored_file(data)
        return super().get(package_type, id, data, errors, error_summary)


class ResourceEditView(resource.EditView):
    """The form of a stored resource."""

    def get(
        self,
        package_type: str,
        id: str,
        resource_id: str,
        data: Any = None,
        errors: Any = None,
        error_summary: Any = None,
    ) -> Any:
        """Show the form; after an error with what was typed, for drafts too, and the file that is stored."""
        if not data or not errors:
            return super().get(package_type, id, resource_id, data, errors, error_summary)
        if tk.get_action("package_show")({}, {"id": id})["state"].startswith("draft"):
            return ResourceCreateView().get(package_type, id, data, errors, error_summary)
        _show_stored_file(data)
        return super().get(package_type, id, resource_id, data, errors, error_summary)


def bind_resource_forms(app: Flask) -> None:
    """Serve the resource forms of datasets by the views here, under CKAN's own endpoints.

    Rules of our own would have other endpoint names, by which CKAN would not mark the tab of the page.
    """
    app.view_functions["dataset_resource.new"] = ResourceCreateView.as_view("new")
    app.view_functions["dataset_resource.edit"] = ResourceEditView.as_view("edit")
    app.before_request(_refuse_incomplete)


# Without these inputs, which every form of it has, a view of core's breaks.
_NEEDED = {"dataset_resource.new": {"save", "id"}, "dataset_resource.edit": {"save"}}


def _refuse_incomplete() -> None:
    if request.method != "POST":
        return
    needed = _NEEDED.get(request.endpoint or "", set())
    if request.endpoint == "dataset.edit" and "_ckan_phase" in request.form:
        needed = {"save"}
    if None in {*request.form, *request.files} or not needed <= request.form.keys():
        tk.abort(400, tk._("Parts of this form are missing. Open it again, and save it from there"))


def _not_typed() -> set[str]:
    """Inputs that a form sends although nobody filled in anything."""
    return {"save", "id", "resource_type", FORM_VERSION, str(tk.config["WTF_CSRF_FIELD_NAME"])}


# What CKAN's uploader writes into a resource before it is validated.
_WRITTEN_BY_UPLOADER = ("last_modified", "size", "mimetype")


def _show_stored_file(data: Record) -> None:
    """Undo what CKAN wrote into the form's data for a file that was not stored; in place.

    ``previous_upload`` becomes the name of the file, for the form to ask for it again.

    :param data: the form's data after an error
    """
    chosen = request.files.get("upload")
    if not chosen and not data.pop("previous_upload", None):
        return
    stored: Record = tk.get_action("resource_show")({}, {"id": data["id"]}) if data.get("id") else {}
    data.update({name: stored.get(name) or "" for name in ("url", "url_type")})
    if not chosen:
        return
    data["previous_upload"] = chosen.filename
    for name in _WRITTEN_BY_UPLOADER:
        data.pop(name, None)
        if name in request.form:
            data[name] = request.form[name]
