"""Wiring only: CKAN's interfaces, each answered by the room that owns the matter."""
from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation

from ckanext.civicswitchboard import cli, helpers, job_queue, views
from ckanext.civicswitchboard.core_fixes import (
    request_errors,
    request_json,
    search_outage,
    time_limits,
    translated_names,
)
from ckanext.civicswitchboard.logic import action, auth
from ckanext.civicswitchboard.logic.search_results import serve_search
from ckanext.civicswitchboard.partners import filters
from ckanext.civicswitchboard.publishing import whats_new
from ckanext.civicswitchboard.records import facets, unserved_types, validators
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.scheming_plugins import DatasetForms, OrganizationForms
from ckanext.civicswitchboard.search_index import extents, fingerprints
from ckanext.civicswitchboard.search_index.document import index_document
from ckanext.civicswitchboard.shelves import index_shared
from ckanext.civicswitchboard.views import record_forms


@tk.blanket.actions(action.get_actions)
@tk.blanket.auth_functions(auth.get_auth_functions)
@tk.blanket.blueprints(views.get_blueprints)
@tk.blanket.cli(cli.get_commands)
@tk.blanket.config_declarations
@tk.blanket.helpers(helpers.get_helpers)
@tk.blanket.validators(validators.get_validators)
class CivicswitchboardPlugin(p.SingletonPlugin, DefaultTranslation):
    """Partners, shelves, pages, the index, and the words of all of them."""

    p.implements(p.IConfigurer)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.ISignal)
    p.implements(p.ITranslation)

    def update_config(self, config: Any) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "civicswitchboard")
        translated_names.use()
        job_queue.accept_earlier_names()

    def make_middleware(self, app: Any, config: Any) -> Any:
        record_forms.bind_resource_forms(app)
        unserved_types.link_to_plain_pages(app)
        request_json.limit_levels(app)
        request_errors.bind(app)
        time_limits.bind(app)
        return app

    def get_signal_subscriptions(self) -> Any:
        subscriptions = [{"sender": action, "receiver": whats_new.after_save} for action in whats_new.SAVES]
        return {tk.signals.action_succeeded: subscriptions}

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        fingerprints.put_into(pkg_dict)
        if pkg_dict.get("dataset_type") != "dataset":
            return unserved_types.index_document(pkg_dict)
        return index_document(versions.current(), index_shared(pkg_dict))

    def after_dataset_show(self, context: Any, pkg_dict: dict[str, Any]) -> None:
        fingerprints.move(context, pkg_dict)

    def before_dataset_search(self, search_params: Any) -> Any:
        prepared = extents.prepare_search(search_outage.prepare_search(search_params))
        return filters.before(facets.before(prepared))

    def after_dataset_search(self, search_results: Any, search_params: Any) -> Any:
        served = serve_search(versions.current(), search_results)
        return facets.after(filters.after(served, search_params))

    def dataset_facets(self, facets_dict: Any, package_type: str) -> Any:
        ours = package_type == "dataset"
        return filters.facet_titles(facets.facet_titles(facets_dict) if ours else facets_dict)

    def group_facets(self, facets_dict: Any, group_type: str, package_type: Any) -> Any:
        return filters.facet_titles(facets.facet_titles(facets_dict))

    def organization_facets(
        self, facets_dict: Any, organization_type: str, package_type: Any
    ) -> Any:
        return filters.facet_titles(facets.facet_titles(facets_dict), own_page=True)


class CivicswitchboardDatasetsPlugin(DatasetForms):
    """Dataset forms by the shared schema."""


class CivicswitchboardOrganizationsPlugin(OrganizationForms):
    """Organization forms by the shared schema."""
