"""How often a law is tried: a little in every run of the tests, thousands of times when that is asked for."""
from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# `LAWS_TIMES=100 bin/test tests/core` tries each law a hundred times as often.
TIMES = int(os.environ.get("LAWS_TIMES", "1"))


def law(examples: int) -> settings:
    """The settings of a law's test.

    :param examples: on how many examples it is tried in every run
    """
    return settings(max_examples=examples * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
