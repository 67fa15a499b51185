"""What Meta's errors mean: decided by their codes, as its documents list them."""

from __future__ import annotations

import json

import pytest

from shared.domain.senders.graph import GraphError, accepted_id, error_of, request_of

pytestmark = pytest.mark.unit


def error(code: int, subcode: int | None = None, **more: object) -> bytes:
    said = {"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "x", **more}
    return json.dumps({"error": {**said, **({} if subcode is None else {"error_subcode": subcode})}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, error(131047), GraphError("refused", "window_closed")),
        (400, error(10, 2018278), GraphError("refused", "window_closed")),
        (400, error(10, 2534022), GraphError("refused", "window_closed")),
        (400, error(131026), GraphError("unreachable", "provider_131026")),
        (400, error(551, 1545041), GraphError("unreachable", "provider_551")),
        (400, error(100, 2018001), GraphError("unreachable", "provider_100")),
        (400, error(131056), GraphError("retry_address", "throttled")),
        (429, error(130429), GraphError("retry", "throttled")),
        (400, error(80007), GraphError("retry", "throttled")),
        (403, error(4), GraphError("retry", "throttled")),
        (429, b"", GraphError("retry", "throttled")),
        (401, error(190), GraphError("repair", "provider_190")),
        (403, error(10), GraphError("repair", "provider_10")),
        (403, error(200), GraphError("repair", "provider_200")),
        (400, error(131042), GraphError("repair", "provider_131042")),
        (400, error(100), GraphError("refused", "provider_100")),
        (400, error(131009), GraphError("refused", "provider_131009")),
        (400, b"<html>", GraphError("refused", "provider_status_400")),
        (500, error(131000), GraphError("ambiguous", "provider_131000")),
        (503, error(2), GraphError("ambiguous", "provider_2")),
        (500, error(190), GraphError("ambiguous", "provider_190")),
        (502, b"[" * 100_000, GraphError("ambiguous", "provider_status_502")),
        (302, b"", GraphError("ambiguous", "provider_status_302")),
        (400, error(True), GraphError("refused", "provider_status_400")),
        (400, b'{"error": "no"}', GraphError("refused", "provider_status_400")),
    ],
)  # fmt: skip
def test_what_an_error_means(status: int, body: bytes, meaning: GraphError) -> None:
    """A 5xx may hide a yes, unless its code is about the window or the person."""
    assert error_of(status, body) == meaning


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"messaging_product":"whatsapp","contacts":[{"wa_id":"1"}],"messages":[{"id":"wamid.1"}]}', "wamid.1"),
        (b'{"recipient_id":"1","message_id":"m_1"}', "m_1"),
        (b'{"messages":[]}', None), (b"{}", None), (b"", None), (b'{"message_id":7}', None), (b"[]", None),
    ],
)  # fmt: skip
def test_the_id_of_what_was_taken(body: bytes, found: str | None) -> None:
    assert accepted_id(body) == found


def test_the_forms_of_an_answer() -> None:
    """WhatsApp takes digits and gives our id back; a page answers a person by the id that Meta gave him."""
    whatsapp = request_of("whatsapp", "+905321112233", "Yolda.", "m1")
    assert (whatsapp["to"], whatsapp["text"]["body"], whatsapp["biz_opaque_callback_data"]) == (
        "905321112233", "Yolda.", "m1",
    )  # fmt: skip
    for channel in ("instagram", "messenger"):
        assert request_of(channel, f"{channel}/777", "Yolda.", "m1") == {
            "recipient": {"id": "777"}, "messaging_type": "RESPONSE", "message": {"text": "Yolda."},
        }  # fmt: skip


def test_a_template_of_whatsapp() -> None:
    """As Meta's page shows it; without values there is no component."""
    sent = request_of("whatsapp", "+905321112233", "Yolda.", "m1", ("on_its_way", "tr", "Ay\u015fe", "S-1"))
    assert (sent["type"], "text" in sent, sent["biz_opaque_callback_data"]) == ("template", False, "m1")
    values = [{"type": "text", "text": "Ay\u015fe"}, {"type": "text", "text": "S-1"}]
    assert sent["template"] == {
        "name": "on_its_way",
        "language": {"code": "tr"},
        "components": [{"type": "body", "parameters": values}],
    }
    assert request_of("whatsapp", "+90", "x", "m", ("plain", "en_US"))["template"]["components"] == []
