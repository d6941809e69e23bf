"""What the benchmarks' programs begin and end with; imported before anything of ours."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))

from ground.environment import VENV

if Path(sys.prefix) != VENV or not (VENV / "bin" / "pytest").exists():
    sys.exit(
        "The benchmark needs the tests' locked environment. Make it with `bin/test --version`, then run:\n"
        f"  .portal/venv/bin/python benchmarks/{Path(sys.argv[0]).name}"
    )

from ground import running
from ground.steps import StepFailed, say


def measured(measure: Callable[..., int | None], *sizes: Any) -> int:
    """Measure, and tell a failed step or an interruption in words.

    :param sizes: what is handed on
    :returns: the exit code: of ``measure`` when it says one
    """
    running.end_by_signals()
    try:
        return measure(*sizes) or 0
    except StepFailed as failure:
        print(failure.report(), file=sys.stderr)
        return 1
    except running.Stopped:
        say("\nStopped.")
        return 130


@contextmanager
def inside() -> Iterator[None]:
    """The portal whose ini file `CKAN_INI` names, in this process."""
    from ckan.cli.cli import CtxObject

    with CtxObject(os.environ["CKAN_INI"]).app._wsgi_app.test_request_context():
        yield
