"""Forms of ours are taken only from pages of ours.

CKAN 2.12 leaves CSRF protection out for visitors and for programs with a token, and does so by
exempting the view they asked for, for everybody and as long as the process runs: one visitor's
look at a form opens it to other sites. So our blueprints ask again.
"""
from __future__ import annotations

from ckan.config.middleware.flask_app import csrf
from flask import current_app, g

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="csrf",
    fixes="CKAN 2.12 exempts a view from CSRF protection for everyone once one visitor has asked for it",
    reported="",
    until="CKAN exempts requests, not views",
)


def protect() -> None:
    """Refuse a form without its token from whoever is known by a cookie.

    :raises flask_wtf.csrf.CSRFError: which CKAN answers with a page, 400
    """
    if FIX.enabled and current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        csrf.protect()
