"""Serves the Snapshot through ckanext-scheming's own classes.

scheming keeps its schemas in attributes that it fills at start. Here they are properties
over the Snapshot, so its helpers, views and actions follow whatever is published.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.scheming import plugins as scheming
from ckanext.scheming import views as scheming_views
from flask import Blueprint

from ckanext.civicswitchboard.core.schema.choices import with_choices_once
from ckanext.civicswitchboard.core.schema.field_types import is_empty, same
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE
from ckanext.civicswitchboard.records import profiles, show, translate_input, unserved_types, validate
from ckanext.civicswitchboard.records.stored import NOTHING, of_dataset, of_group
from ckanext.civicswitchboard.records.translate_input import Sender
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.views import record_forms


class _Presets(Mapping[str, Any]):
    """scheming reads presets from a class attribute: this one looks them up when asked."""

    def __getitem__(self, name: str) -> Any:
        return versions.presets()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(versions.presets())

    def __len__(self) -> int:
        return len(versions.presets())


class _OwnSingleton:
    """CKAN looks a plugin's instance up by inheritance: a subclass would get its parent's."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = cls.__dict__.get("_instance")
        if instance is None:
            instance = object.__new__(cls)
            cls._instance = instance
        return instance

    def update_config(self, config: Any) -> None:
        scheming._SchemingMixin._presets = _Presets()
        self._store_instance(self)  # type: ignore[attr-defined]
        self._add_template_directory(config)  # type: ignore[attr-defined]

    def configure(self, config: Any) -> None:
        """Nothing to prepare: form pages come from the Snapshot too."""


def _with_choices_once(actions: dict[str, Any]) -> dict[str, Any]:
    """scheming's actions, of which none writes thousands of terms at each of a hundred fields."""
    return {
        name: _choices_once(action) if name.endswith("_show") else action for name, action in actions.items()
    }


def _choices_once(action: Any) -> Any:
    @tk.side_effect_free
    @wraps(action)
    def show(context: Any, data_dict: Any) -> dict[str, Any]:
        schema, written = action(context, data_dict), set[str]()
        lists = [key for key in ("dataset_fields", "resource_fields", "fields") if key in schema]
        return {**schema, **{key: with_choices_once(schema[key], written) for key in lists}}

    return show


class DatasetForms(_OwnSingleton, scheming.SchemingDatasetsPlugin):
    """The ``dataset`` type, by the shared schema."""

    @property
    def _schemas(self) -> dict[str, Any]:
        return {"dataset": versions.current().dataset_form}

    @property
    def _expanded_schemas(self) -> dict[str, Any]:
        return self._schemas

    @property
    def _dataset_form_pages(self) -> dict[str, Any]:
        return {"dataset": versions.current().form_pages}

    def package_types(self) -> list[str]:
        """Static: CKAN asks before the database is there."""
        return ["dataset"]

    def get_actions(self) -> dict[str, Any]:
        return {**_with_choices_once(super().get_actions()), **unserved_types.actions()}

    def package_form(self) -> str:
        return "metadata_schema/forms/dataset.html"

    def resource_form(self) -> str:
        return "metadata_schema/forms/resource.html"

    def read_template(self) -> str:
        return "metadata_schema/pages/dataset.html"

    def resource_template(self) -> str:
        return "metadata_schema/pages/resource.html"

    def prepare_dataset_blueprint(self, package_type: str, bp: Blueprint) -> Blueprint:
        """Bind the page routes always: a published version may bring form pages."""
        pages = scheming_views
        bp.add_url_rule("/new", "scheming_new", record_forms.DatasetCreateView.as_view("new"))
        bp.add_url_rule(
            "/new/<id>/<page>", "scheming_new_page", pages.SchemingCreatePageView.as_view("new_page")
        )
        bp.add_url_rule("/edit/<id>", "scheming_edit", record_forms.edit_dataset)
        bp.add_url_rule(
            "/edit/<id>/<page>", "scheming_edit_page", pages.SchemingEditPageView.as_view("edit_page")
        )
        return bp

    def validate(self, context: Any, data_dict: Any, schema: Any, action: str) -> Any:
        """CKAN's hook for package_create, package_update and package_show."""
        if data_dict.get("type") != "dataset":
            return data_dict, {"type": [f"Unsupported dataset type: {data_dict.get('type')}"]}
        snapshot = versions.current()
        if action == "package_show":
            return show.dataset(snapshot, data_dict, schema, context)
        stored = of_dataset(context["package"], snapshot) if action == "package_update" else NOTHING
        return validate.dataset(snapshot, data_dict, schema, context, stored)


class OrganizationForms(_OwnSingleton, scheming.SchemingOrganizationsPlugin):
    """The ``organization`` type, by the shared schema."""

    @property
    def _schemas(self) -> dict[str, Any]:
        return {"organization": versions.current().organization_form}

    @property
    def _expanded_schemas(self) -> dict[str, Any]:
        return self._schemas

    def get_actions(self) -> dict[str, Any]:
        return _with_choices_once(super().get_actions())

    def group_types(self) -> list[str]:
        """Static: CKAN asks before the database is there."""
        return ["organization"]

    def group_form(self, group_type: str | None = None) -> str:
        return "metadata_schema/forms/organization.html"

    def about_template(self) -> str:
        return "metadata_schema/pages/organization_about.html"

    def setup_template_variables(self, context: Any, data_dict: Any) -> None:
        """A form that is shown again holds whatever type was sent: it is an organization's."""
        super().setup_template_variables(context, {**data_dict, "type": "organization"})

    def validate(self, context: Any, data_dict: Any, schema: Any, action: str) -> Any:
        """CKAN's hook for organization_create, organization_update and organization_show."""
        snapshot = versions.current()
        if action.endswith("_show"):
            return show.organization(snapshot, data_dict, schema, context)
        # group_update, too, can be called with an organization. Under which name a value is sent must
        # not decide whether it is checked.
        translate_input.translate(snapshot, "organization", data_dict, Sender())
        stored = of_group(context["group"], snapshot) if action.endswith("_update") else NOTHING
        profiles.name_extras(snapshot, data_dict, stored)
        refused = _sysadmins_fields(snapshot, data_dict, stored, context)
        if stored is not NOTHING:
            refused |= _lasting(data_dict, stored)
        data, errors = validate.organization(snapshot, data_dict, schema, context, stored)
        return data, {**errors, **refused}


def _lasting(record: Any, stored: Any) -> dict[str, Any]:
    """Errors for inputs that would make an organization something else, which nobody finds again.

    What is sent empty is taken out of the input.
    """
    names = ("type", "is_organization")
    for name in names:
        if is_empty(record.get(name)):
            record.pop(name, None)
    message = tk._("An organization can't be turned into something else")
    return {
        name: [message]
        for name in names
        if name in record and not _is_same(record[name], stored.columns[name])
    }


def _is_same(sent: Any, stored: Any) -> bool:
    if not isinstance(stored, bool) or not isinstance(sent, (str, bool)):
        return bool(sent == stored)
    try:
        return bool(tk.asbool(sent) == stored)
    except ValueError:
        return False


# Who an organization is among the partners is the portal's word, not its own.
SYSADMIN_FIELDS = (TYPE, ALSO)


def _sysadmins_fields(snapshot: Any, record: Any, stored: Any, context: Any) -> dict[str, Any]:
    """Errors for inputs that only a sysadmin may change."""
    user = context.get("auth_user_obj")
    if context.get("ignore_auth") or getattr(user, "sysadmin", False):
        return {}
    fields = snapshot.fields["organization"]
    message = tk._("Only an administrator of the portal can change this")
    return {
        name: [message]
        for name in SYSADMIN_FIELDS
        if name in fields
        and name in record
        and not same(fields[name].kind, stored.value(fields[name]), record[name])
    }


