"""The WSGI application; the ini's path is in CKAN_INI."""
from __future__ import annotations

import os

from ckan import authz, logic
from ckan.cli import load_config
from ckan.config.middleware import make_app

application = make_app(load_config(os.environ["CKAN_INI"]))

# CKAN fills both tables at their first use, and another thread that comes meanwhile finds them half full: its
# request ends in "Authorization function not found".
logic.get_action("status_show")
authz.auth_functions_list()
