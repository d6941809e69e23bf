"""The browser for the tests: Debian's Chromium, or whatever this machine has."""
from __future__ import annotations

import os
import shutil
from pathlib import Path

from ground.environment import LOGS, NETWORK
from ground.steps import run, say, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def prepare() -> None:
    """Put the browser's path into CIVICSWITCHBOARD_BROWSER; install it as root on Debian.

    Where there is none the browser tests are skipped with a message, and fail with CI=true.
    """
    found = find()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Install Debian's Chromium for the browser tests"):
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            log = LOGS / "browser.log"
            run("update Debian's package lists", ["apt-get", "update", "-q"], log, NETWORK, quiet)
            install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
            run("install Chromium", install, log, NETWORK, quiet)
        found = find()
    if found:
        os.environ["CIVICSWITCHBOARD_BROWSER"] = found
    else:
        say("- No browser here: the browser tests will be skipped (Debian: apt-get install chromium)")


def find() -> str | None:
    """The path of a browser, or None."""
    named = os.environ.get("CIVICSWITCHBOARD_BROWSER")
    if named and Path(named).exists():
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)
