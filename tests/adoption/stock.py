"""A portal with CKAN and ckanext-scheming alone: reads and saves what is in the database.

Run as a program of its own, with the ini file as its argument; prints what it saw as JSON. With
`all` as a second argument it looks at the page and form of each record.
"""
from __future__ import annotations

import json
import sys
from typing import Any


def main(ini: str, every_page: bool) -> dict[str, Any]:
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(ini).get_config())
    import ckan.plugins.toolkit as tk
    from ckan import model

    seen: dict[str, Any] = {}
    with app._wsgi_app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context = lambda: {"user": user, "ignore_auth": True}  # noqa: E731
        names = tk.get_action("package_list")(context(), {})
        seen["plugins"] = list(tk.config["ckan.plugins"])
        seen["before"] = {name: _show(name) for name in names}
        seen["refused"] = {}
        for name in names:
            try:
                tk.get_action("package_update")(context(), dict(seen["before"][name]))
            except tk.ValidationError as error:
                model.Session.rollback()
                seen["refused"][name] = error.error_dict
        seen["after"] = {name: _show(name) for name in names}
        groups = model.Session.query(model.Group).filter_by(is_organization=True, state="active")
        organizations = [group.name for group in groups]
        seen["organizations"] = {
            name: tk.get_action("organization_show")(context(), {"id": name}) for name in organizations
        }
        for name, shown in seen["organizations"].items() if not every_page else ():
            tk.get_action("organization_patch")(context(), {"id": name, "title": f"{shown['title']} again"})
        token = tk.get_action("api_token_create")(context(), {"user": user, "name": "stock"})["token"]
    client = app._wsgi_app.test_client()
    if every_page:
        types = {name: shown["type"] for name, shown in seen["after"].items()}
        seen["pages"] = {
            name: [_status(client, f"/{kind}{edit}/{name}", token) for edit in ("", "/edit")]
            for name, kind in types.items()
        }
        return seen
    seen["form"] = client.get(
        f"/dataset/edit/{names[0]}", headers={"Authorization": token}, follow_redirects=True
    ).get_data(as_text=True)
    seen["page"] = client.get(f"/dataset/{names[0]}").status_code
    return seen


def _status(client: Any, address: str, token: str) -> int:
    import ckan.plugins.toolkit as tk

    asked = {"headers": {"Authorization": token}, "base_url": tk.config["ckan.site_url"]}
    answer = client.get(address, follow_redirects=True, **asked)
    return int(answer.status_code)


def _show(name: str) -> Any:
    import ckan.plugins.toolkit as tk

    return tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": name})


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2:] == ["all"])
    print("SEEN " + json.dumps(found, default=str))
