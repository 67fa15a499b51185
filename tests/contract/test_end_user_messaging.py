"""What AWS End User Messaging is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from shared.adapters.sms_end_user_messaging import EndUserMessagingSender
from tests.support.sender_cases import TEXT, outgoing

pytestmark = pytest.mark.contract


def test_the_request_to_end_user_messaging() -> None:
    """The identity, the kind of message, the price limit, and the message id that reports come back with."""
    asked: list[dict[str, Any]] = []

    class Taking:
        def send_text_message(self, **request: Any) -> Any:
            asked.append(request)
            return {"MessageId": "m"}

    given: Any = Taking()
    EndUserMessagingSender(given, sender="pool-1", configuration_set="kervan-dev", max_price="0.15").send(
        outgoing(TEXT)
    )
    EndUserMessagingSender(given, sender="KERVAN").send(structs.replace(outgoing(TEXT), purpose="transactional"))
    assert asked[0] == {
        "DestinationPhoneNumber": "+905321112233",
        "OriginationIdentity": "pool-1",
        "MessageBody": TEXT.text,
        "MessageType": "PROMOTIONAL",
        "Context": {"kervan_message": "abc234"},
        "ConfigurationSetName": "kervan-dev",
        "MaxPrice": "0.15",
    }
    assert asked[1]["MessageType"] == "TRANSACTIONAL"
    assert not asked[1].keys() & {"ConfigurationSetName", "MaxPrice"}
