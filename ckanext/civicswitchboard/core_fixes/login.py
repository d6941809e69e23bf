"""Whether a form can be sent: asked by pages that were open for long."""
from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="login",
    fixes="CKAN 2.12 has no way for a page that was open for long to ask whether its form can still be sent",
    reported="",
    until="core offers the current token to pages",
)

civicswitchboard_login = Blueprint(
    "civicswitchboard_login", __name__, url_prefix="/metadata-schema"
)


@civicswitchboard_login.route("/logged-in")
def state() -> Response:
    """The token for the forms of whoever is logged in; 401 for anybody else."""
    if not FIX.enabled:
        tk.abort(404)
    if tk.current_user.is_anonymous:
        return Response(tk._("You've been logged out"), status=401, headers={"Cache-Control": "no-store"})
    return Response(str(tk.h.csrf_input()), headers={"Cache-Control": "no-store"})
