"""What a cold start of segment and of notify does not do: few invocations need it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit
LATER = {
    "functions.segment.on_events": {
        "functions.segment.backfill", "shared.domain.audiences.tasks", "shared.domain.definitions.difference",
        "shared.domain.iys.tasks", "shared.domain.segments.rule_changes", "shared.stores.forget_consents",
        "shared.stores.source_counters",
    },
    "functions.notify.on_queue": {
        "functions.notify.answering", "functions.notify.competing_enrollments", "functions.notify.quota_gate",
        "functions.notify.rights_mails", "shared.adapters.s3_links", "shared.adapters.s3_objects",
        "shared.domain.campaigns.definition", "shared.domain.journeys.next_send", "shared.stores.campaigns",
        "shared.stores.conversations", "shared.stores.forget_consents", "shared.stores.stock",
    },
}  # fmt: skip


@pytest.mark.parametrize("handler", LATER)
def test_what_few_invocations_need_is_imported_with_its_first_use(handler: str) -> None:
    """Each module would cost milliseconds of every cold start."""
    found = subprocess.run(
        [sys.executable, "-c", f"import {handler}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert LATER[handler] & set(found.stdout.split()) == set()


TEXTS = """
import {handler}
from pydantic import BaseModel

def below(model):
    for one in model.__subclasses__():
        yield one
        yield from below(one)

for model in below(BaseModel):
    if model.__module__.startswith("shared."):
        for name, said in model.__annotations__.items():
            print(isinstance(said, str), model.__module__, model.__qualname__, name, sep="/")
"""
LATER_THAN_THEY_ARE_NAMED = {"AllOf", "AnyOf", "All", "Not", "BranchRule", "Arm"}
"""Models of rules and steps that hold rules and steps."""


@pytest.mark.parametrize("handler", LATER)
def test_annotations_of_models_are_no_texts(handler: str) -> None:
    """With ``from __future__ import annotations`` pydantic compiles each of them at every cold start."""
    told = subprocess.run(
        [sys.executable, "-c", TEXTS.format(handler=handler)], capture_output=True, text=True, check=True
    )
    fields = [line.split("/") for line in told.stdout.split()]
    assert len(fields) > 200
    assert {model for text, _, model, _ in fields if text == "True"} == LATER_THAN_THEY_ARE_NAMED
