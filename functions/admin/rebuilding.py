"""``POST /v1/customers/{identifier}/rebuild``: facts, links and memberships of a customer anew from the log."""

from __future__ import annotations

from typing import Any

from functions.admin.environment import Environment
from shared.domain.deadletters.repair import AT_ONCE, RepairTask
from shared.operators.find_customer import find_tree


def rebuild(environment: Environment, written: str) -> dict[str, Any]:
    """Hand the work to segment: every identifier that belongs to the customer now. What the work links later is
    decided with it.

    Raises
    ------
    Problem
        400 if the identifier cannot be read, 404 if nobody is known by it.
    """
    tree = find_tree(environment, written)
    keys = [member.key for member in tree.members]
    tasks = [RepairTask(logs=tuple(keys[at : at + AT_ONCE])).body() for at in range(0, len(keys), AT_ONCE)]
    environment.letters().targets["segment-work"].send_many(tasks)
    return {"accepted": True, "customer": tree.root, "identifiers": len(keys)}
