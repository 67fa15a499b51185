"""Least privilege, proven: what functions were seen to ask of AWS is what their roles permit, and little more.

The record (``tests/data/aws_calls.json``) is written by the end-to-end tests with KERVAN_RECORD_CALLS=1, `make calls`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from cli.local.aws_calls import AwsCall
from cli.local.policies import is_permitted, parsed
from tests.infra.conftest import Synthesized
from tests.infra.unused_rights import REASONS
from tests.support.recorded_calls import recorded
from tests.support.role_statements import KINDS, PREFIX, Right, documents, rights

pytestmark = pytest.mark.unit


def functions(template: Synthesized) -> list[str]:
    return [name.removeprefix(PREFIX) for name in template.functions()]


def test_every_recorded_call_is_permitted(sending: Synthesized) -> None:
    """In production too: the local stack compares with the roles of its own stage."""
    refused = []
    for function in functions(sending):
        policies = [parsed(document) for document in documents(sending, function)]
        calls = [AwsCall(*call) for call in recorded() if call[0] == function]
        refused += [call for call in calls if not is_permitted(call, policies)]
    assert refused == []


def test_the_record_names_functions_that_exist(sending: Synthesized) -> None:
    """And most of them: what never ran in a test proves nothing."""
    seen = {call[0] for call in recorded()}
    assert seen <= set(functions(sending))
    assert set(functions(sending)) - seen == NEVER_RAN.keys()


def test_no_right_is_unused_without_a_reason(sending: Synthesized) -> None:
    """Each right was used by a recorded call, or ``unused_rights`` says why it is there."""
    unused = unused_rights(sending)
    left = sorted(right for right in unused if not any(reason.explains(right) for reason in REASONS))
    assert left == [], "take the right away, or say in unused_rights why it is needed"


def test_no_reason_is_out_of_date(sending: Synthesized) -> None:
    """What is used or gone by now needs no reason."""
    unused = unused_rights(sending)
    assert [reason for reason in REASONS if not any(reason.explains(right) for right in unused)] == []


def unused_rights(template: Synthesized) -> set[Right]:
    ran = set(functions(template)) - NEVER_RAN.keys()
    return {right for function in ran for right in rights(template, function) if not used(right)}


def used(right: Right) -> bool:
    """Whether a recorded call needs it."""
    return any(
        function == right.function
        and KINDS.get(action, action) == right.action
        and fnmatchcase(resource.partition("/index/")[0], right.resource)
        and right.key in ("", key.removesuffix("#"))
        for function, action, resource, key in recorded()
    )


# Functions that no recorded test runs, and where they are tried instead
NEVER_RAN: dict[str, str] = {
    "measure-digest": "every month: tests/unit/measure",
    "measure-predict": "every week: tests/unit/measure",
    "segment-audit": "every hour: tests/unit/segment",
    "stock-audit": "every night: tests/unit/stock",
}
