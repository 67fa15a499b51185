"""What a command says when it cannot do its work."""

from __future__ import annotations

import errno


class Failure(Exception):
    """Ends the command with this one line: what happened, and what to do."""

    status = 1


class WrongUse(Failure):
    """The command was called in a way that cannot work."""

    status = 2


def of_disk(problem: OSError, doing: str) -> Failure:
    """A failed write as one line; a full disk is named as such."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Failure(f"the disk is full while {doing}: free some space and run it again")
    where = f" ({problem.filename})" if problem.filename else ""
    return Failure(f"{doing} failed: {problem.strerror or problem}{where}")
