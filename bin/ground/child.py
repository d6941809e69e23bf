"""Run a program that ends with its parent, even if the parent is killed with -9.

Called as `child.py SIGNAL PARENT PROGRAM ARGUMENTS…` in place of the program.
"""
from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(number: int, parent: int, command: list[str]) -> None:
    """Ask Linux for a signal when the parent dies, then become the program.

    :param number: the signal
    :param parent: the process that has to live; it may have died before the asking
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            sys.exit("the program that started this has ended")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
