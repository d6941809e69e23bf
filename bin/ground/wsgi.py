"""The WSGI application. CKAN_INI has the path of the configuration."""
from __future__ import annotations

import os

from ckan import authz, logic
from ckan.cli import load_config
from ckan.config.middleware import make_app

application = make_app(load_config(os.environ["CKAN_INI"]))

# CKAN fills both tables at first use. Another thread would find them half full, and its request would end in
# "Authorization function not found".
logic.get_action("status_show")
authz.auth_functions_list()
