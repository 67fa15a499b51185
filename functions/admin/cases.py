"""``/v1/cases`` and ``POST /v1/customers/{id}/cases|erasure``: requests of people, by the operators' API."""

from __future__ import annotations

from typing import Any

from functions.admin.environment import Environment
from functions.admin.models.cases import CaseActionRequest, CaseRequest
from functions.admin.models.erasures import ErasureRequest
from shared.domain.events.event import Source
from shared.domain.privacy.case import CaseAction, CaseState, Right
from shared.operators import cases
from shared.operators.erasures import again_possible, begin_erasure, begun_before, erasure_json
from shared.operators.find_customer import find_key
from shared.stores.erasures import Erasures


def open_case(
    environment: Environment, identifier: str, request: CaseRequest, source: Source
) -> tuple[dict[str, Any], int]:
    """The case, and the status of the answer: 200 if one waits already for the same right."""
    case, new = cases.open_case(environment, identifier, Right(request.right), source.name, request.number)
    return cases.case_json(case, environment.clock.now()), 201 if new else 200


def show(environment: Environment, name: str) -> dict[str, Any]:
    """One case."""
    return cases.case_json(cases.case_of(environment, name), environment.clock.now())


def decide(environment: Environment, name: str, request: CaseActionRequest, source: Source) -> dict[str, Any]:
    """The case as it is then."""
    action = CaseAction(request.action)
    case = cases.act(environment, lambda: environment.erasures, name, action, source, request.reason or "")
    return cases.case_json(case, environment.clock.now())


def erase(
    environment: Environment, identifier: str, request: ErasureRequest, source: Source
) -> tuple[dict[str, Any], int]:
    """A case that is carried out at once, and the status of the answer. Whoever asks again gets the erasure that was
    begun before: 200 in place of 202.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    known = begun_before(environment, find_key(environment, identifier))
    if known is not None and not again_possible(environment, known):
        again = begin_erasure(environment, lambda: environment.erasures, identifier, source.name, request=known.request)
        return erasure_json(again), 200
    if known is None:
        case, _ = cases.open_case(environment, identifier, Right.ERASE, source.name, request.case)
    else:  # he is known by nothing but what he wrote since
        case = cases.open_case_anew(environment, known, source.name, request.case)
    if case.state is CaseState.OPEN:
        case = cases.act(environment, lambda: environment.erasures, case.id, CaseAction.CARRY_OUT, source)
    found = Erasures(environment.catalog).get(case.erasure)
    assert found is not None  # noqa: S101  a case that runs names its erasure
    return erasure_json(found), 202
