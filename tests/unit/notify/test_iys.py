"""With require_iys, advertising goes to recipients in Turkey only if the register holds their approval."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.record import Record
from shared.domain.iys.statement import Known, Statement
from shared.domain.messages.message import Reason, Sent
from shared.stores.iys_records import IysRecords
from tests.support.world import KEYS
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit
KEY = KEYS(parse_identifier("email:ayse@example.com"))


def outcome(*records: Record, required: bool = True, **asked: Any) -> Any:
    answers = SHOP.model_dump() | {"iys": {"code": 1, "brand": 2}, "require_iys": required}
    shop = Shopping(Shop.model_validate(answers))
    shop.ayse()
    store = IysRecords(MemoryTable(indexes=INDEXES["iys"]), "1-2")
    for record in records:
        store.put(record)
    notifying = shop.notifying()
    object.__setattr__(notifying.contexts, "iys", store)
    return notifying.handle(request("email", **asked), MORNING).outcome


def held(status: Any, **more: Any) -> Record:
    return Record(KEY, more.pop("kind", "BIREYSEL"), "EPOSTA", "ayse@example.com", known=Known(status, MORNING), **more)


def test_what_the_register_does_not_know_is_not_sent() -> None:
    """With the reason and what it holds."""
    found = outcome()
    assert (found.reason, found.detail) == (Reason.NOT_IN_IYS, "unknown")
    assert found.evidence[0]["kind"] == "iys"


def test_what_it_approves_is_sent() -> None:
    assert isinstance(outcome(held("ONAY")), Sent)


def told(state: Any, code: str = "") -> Record:
    said = Statement("ONAY", MORNING - timedelta(days=9), "HS_WEB", MORNING, "", state, code)
    return Record(KEY, "BIREYSEL", "EPOSTA", "ayse@example.com", statements=(said,))


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (held("RET"), "RET"),
        (held("ONAY", kind="TACIR"), "unknown"),
        (told("pending"), "pending"),
        (told("refused", "H114"), "refused"),
    ],
)
def test_every_other_standing_is_not_enough(record: Record, status: str) -> None:
    """A refusal; an approval as a merchant of who agreed as a consumer; a statement without an answer, or refused."""
    found = outcome(record)
    assert (found.reason, found.detail) == (Reason.NOT_IN_IYS, status)


def test_only_where_it_is_required_and_only_for_advertising() -> None:
    assert isinstance(outcome(required=False), Sent)
    assert isinstance(outcome(purpose="transactional"), Sent)
