"""Senders that call a provider by HTTPS themselves: an operator's gateway, and the push services of browsers."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.push_devices import DevicesSender
from shared.adapters.push_web import WebPush
from shared.adapters.sms_gateway import GatewaySender
from shared.adapters.social_graph import GraphSender
from shared.adapters.web_push_crypto import VapidKey
from shared.domain.messages.address import Address
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
from shared.domain.senders.gateway import Gateway
from shared.ports.sender import Ambiguous, Answer, Postponed, Refused, Sender, Unreachable
from tests.support.certificates import contexts
from tests.support.provider_wire import WireAnswer
from tests.support.sender_cases import NOW, PUSH, TEXT, THROTTLED, SenderCase, closed


def guarded(url: str) -> GuardedHttps:
    """HTTPS that reaches the test's server, whatever host is named."""
    port = int(url.rpartition(":")[2])
    return GuardedHttps(
        permitted=lambda _: True, resolve=lambda _host, _port: [("127.0.0.1", port)], context=contexts()[1]
    )


GATEWAY_DEFINITION: dict[str, Any] = {
    "sender": "operator",
    "country": "90",
    "by_purpose": {"marketing": {"iys": "11"}, "transactional": {"iys": "0"}},
    "request": {
        "url": "https://sms.example.com/v2/send?channel=api",
        "headers": {"X-Account": "{{ secret.account }}"},
        "basic_auth": {"user": "user", "password": "password"},
        "signature": {"secret": "signing"},
        "timeout": 1,
        "body": {
            "json": {
                "header": "KERVAN",
                "iys": "{{ iys }}",
                "ref": "{{ message_id }}",
                "messages": [{"msg": "{{ text }}", "no": "{{ to.national }}"}],
            }
        },
    },
    "answer": {
        "accepted": [{"status": 200, "json": {"code": ["00", "01"]}}],
        "unreachable": [
            {"json": {"code": "50"}, "reason": "invalid_number"},
            {"json": {"code": "51"}, "reason": "opted_out"},
            {"json": {"code": "52"}},
        ],
        "refused": [{"json": {"code": "20"}, "reason": "text"}],
        "retry": [{"status": "5xx", "text": "maintenance"}, {"json": {"code": ["30", "80"]}, "reason": "account"}],
        "id": {"json": "jobid"},
    },
}
GATEWAY_SECRETS = {"account": "77", "user": "kervan", "password": "p:w", "signing": "s3cret"}


def coded(code: str, status: int = 200) -> WireAnswer:
    return WireAnswer(status, json.dumps({"code": code, "jobid": "17377215342605050417149344"}).encode())


GATEWAY = SenderCase(
    "gateway",
    lambda url: GatewaySender(
        guarded(url),
        definition=lambda: Gateway.model_validate(GATEWAY_DEFINITION),
        secrets=lambda: GATEWAY_SECRETS,
        now=lambda: NOW,
    ),
    TEXT,
    coded("00"),
    {
        "invalid number": (coded("50"), Unreachable(Reason.INVALID_NUMBER)),
        "opted out": (coded("51", 406), Unreachable(Reason.OPTED_OUT)),
        "unreachable": (coded("52"), Unreachable(Reason.UNDELIVERABLE)),
        "text": (coded("20", 406), Refused("provider_text")),
        "account": (coded("30", 406), closed("account")),
        "maintenance": (WireAnswer(503, b"<p>maintenance until 3</p>"), THROTTLED),
        "accepted with another status": (coded("00", 500), Ambiguous("provider_status_500")),
        "unknown code": (coded("99"), Ambiguous("provider_status_200")),
        "401": (WireAnswer(401), closed("status_401")),
        "429": (WireAnswer(429), THROTTLED),
        "404": (WireAnswer(404), Refused("provider_status_404")),
        "502": (WireAnswer(502), Ambiguous("provider_status_502")),
        "redirect": (WireAnswer(302, headers={"location": "https://other.example/"}), Ambiguous("provider_status_302")),
    },
    secure=True,
)

VAPID = VapidKey.made("mailto:push@shop.example")


class Browser:
    """A browser's side of a subscription: it reads what was encrypted for it."""

    def __init__(self, host: str = "fcm.googleapis.com") -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": _b64(point), "auth": _b64(self._secret)}
        self.subscription: dict[str, Any] = {
            "endpoint": f"https://{host}/fcm/send/abc:def",
            "expirationTime": None,
            "keys": self.keys,
        }
        self._point = point

    @property
    def token(self) -> PushToken:
        return PushToken(json.dumps(self.subscription), "web", NOW)

    def read(self, body: bytes) -> dict[str, Any]:
        """RFC 8188 and RFC 8291 from the receiver's side, written without the sender's code."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size == 4096
        shared = self._private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))

        def derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
            return HKDF(hashes.SHA256(), length, salt, info).derive(material)

        material = derived(self._secret, shared, b"WebPush: info\0" + self._point + theirs, 32)
        key = derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


BROWSER = Browser()
WEB_SECRETS = {"private_key": VAPID.private_text, "subject": VAPID.subject}


def web_sender(url: str) -> Sender:
    return DevicesSender({"web": WebPush(guarded(url), secrets=lambda: WEB_SECRETS, now=lambda: NOW).send_to})


def _status(code: int, answer: Answer) -> tuple[WireAnswer, Answer]:
    return WireAnswer(code), answer


WEB = SenderCase(
    "web",
    web_sender,
    PUSH,
    WireAnswer(201, headers={"location": "https://fcm.googleapis.com/0:16"}),
    {
        "404": _status(404, Unreachable(Reason.DEAD_TOKEN, (BROWSER.token.token,))),
        "410": _status(410, Unreachable(Reason.DEAD_TOKEN, (BROWSER.token.token,))),
        "400": _status(400, Refused("provider_status_400")),
        "401": _status(401, Unreachable(Reason.UNDELIVERABLE)),
        "403": _status(403, Unreachable(Reason.UNDELIVERABLE)),
        "413": _status(413, Refused("provider_payload_too_large")),
        "429": _status(429, replace(THROTTLED, about_address=True)),
        "500": _status(500, replace(closed("status_500"), about_address=True)),
        "503": _status(503, replace(closed("status_503"), about_address=True)),
        "302": _status(302, Ambiguous("provider_status_302", about_address=True)),
    },
    secure=True,
    repeats=True,
    tokens=(BROWSER.token,),
)


def _graph_error(code: int, status: int = 400) -> WireAnswer:
    said = {"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return WireAnswer(status, json.dumps({"error": said}).encode())


GRAPH_SECRETS = {"phone_number_id": "106540352242922", "whatsapp_token": "t0ken", "page_id": "1", "page_token": "t"}
GRAPH = SenderCase(
    "graph",
    lambda url: GraphSender(guarded(url), secrets=lambda: GRAPH_SECRETS, base="https://sms.example.com"),
    TEXT,
    WireAnswer(200, b'{"messaging_product":"whatsapp","contacts":[],"messages":[{"id":"wamid.1"}]}'),
    {
        "window": (_graph_error(131047), Refused("window_closed")),
        "undeliverable": (_graph_error(131026), Unreachable(Reason.UNDELIVERABLE)),
        "parameter": (_graph_error(131009), Refused("provider_131009")),
        "rate": (_graph_error(130429, 429), THROTTLED),
        "pair rate": (_graph_error(131056), Postponed("throttled", about_address=True)),
        "token": (_graph_error(190, 401), Postponed("provider_190", about_address=True)),
        "payment": (_graph_error(131042), Postponed("provider_131042", about_address=True)),
        "broken": (_graph_error(131000, 500), Ambiguous("provider_131000")),
        "no id": (WireAnswer(200, b'{"messages":[]}'), Ambiguous("provider_unreadable")),
    },
    secure=True,
    address=Address("whatsapp", "p.key", to="+905321112233"),
)
