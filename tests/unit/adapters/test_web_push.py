"""Web push: what RFC 8291 and RFC 8292 say, and that nobody but push services is called."""

from __future__ import annotations

import base64
import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.guarded_https import GuardedHttps, HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.push_devices import DevicesSender
from shared.adapters.push_web import WebPush
from shared.adapters.web_push_crypto import MOST_BYTES, VapidKey, encrypt
from shared.domain.messages.address import Address
from shared.domain.messages.message import Reason
from shared.domain.messages.web_subscription import InvalidSubscription, Subscription, read_subscription
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import PushContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Unreachable
from tests.support.certificates import contexts
from tests.support.https_sender_cases import BROWSER, VAPID, WEB_SECRETS, guarded
from tests.support.provider_wire import WireAnswer, provider_wire
from tests.support.sender_cases import NOW, PUSH, outgoing

pytestmark = pytest.mark.unit


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_vector_of_rfc_8291() -> None:
    """Appendix A: the same keys, salt and text give the same body."""
    number = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        Subscription(
            "https://push.example.com/",
            raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            raw("BTBZMqHH6r4Tts7J_aSIgg"),
        ),
        private=ec.derive_private_key(number, ec.SECP256R1()),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert body == raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_proof_of_the_sender() -> None:
    """RFC 8292: a token of ES256 for the origin of the push service, less than a day long, signed by the public key."""
    said = VAPID.authorization("https://fcm.googleapis.com", NOW)
    scheme, _, rest = said.partition(" ")
    token, key = (part.split("=", 1)[1] for part in rest.split(", "))
    header, claims, signature = token.split(".")
    assert (scheme, key) == ("vapid", VAPID.public)
    assert json.loads(raw(header)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(raw(claims))
    assert (told["aud"], told["sub"]) == ("https://fcm.googleapis.com", "mailto:push@shop.example")
    assert NOW.timestamp() < told["exp"] <= (NOW + timedelta(hours=24)).timestamp()
    both = raw(signature)
    assert len(both) == 64
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
    halves = (int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    public.verify(encode_dss_signature(*halves), f"{header}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert VapidKey.read(VAPID.private_text, "x").public == VAPID.public


@given(st.binary(max_size=MOST_BYTES - 100))
def test_a_browser_reads_what_was_encrypted_for_it(data: bytes) -> None:
    """Every payload up to the limit comes out as it went in; each body is another."""
    text = json.dumps({"d": base64.b64encode(data).decode()[: MOST_BYTES - 20]}).encode()
    subscription = read_subscription(BROWSER.token.token)
    one, two = encrypt(text, subscription), encrypt(text, subscription)
    assert one != two
    assert BROWSER.read(one) == BROWSER.read(two) == json.loads(text)


def test_a_message_end_to_end() -> None:
    """A push service gets one request that it cannot read; the browser finds title, body, link, picture and id."""
    content = PushContent("Sepetin", "ğ" * 240, "https://kervan.example/cart", PUSH.image, "", 3, "cart", 3600)
    with provider_wire(tls=contexts()[0]) as wire:
        wire.answer = WireAnswer(201, headers={"location": "https://fcm.googleapis.com/0:16"})
        web = WebPush(guarded(wire.url), secrets=lambda: WEB_SECRETS, now=lambda: NOW)
        for purpose in ("marketing", "transactional"):
            answer = web.send_to(BROWSER.token, outgoing(content, purpose=purpose), content)
            assert answer == Accepted("https://fcm.googleapis.com/0:16")
        plain = outgoing(PUSH)
        web.send_to(BROWSER.token, plain, PUSH)
    first, second, third = wire.requests
    assert first.path == "/fcm/send/abc:def"
    assert (first.headers["ttl"], first.headers["content-encoding"]) == ("3600", "aes128gcm")
    assert (first.headers["urgency"], second.headers["urgency"]) == ("normal", "high")
    assert len(first.headers["topic"]) == 32
    assert first.headers["topic"] == second.headers["topic"]
    assert "topic" not in third.headers
    assert third.headers["ttl"] == "86400"
    assert first.headers["authorization"] == second.headers["authorization"]
    assert b"Sepetin" not in first.body
    assert BROWSER.read(first.body) == {
        "title": "Sepetin",
        "body": "ğ" * 240,
        "url": "https://kervan.example/cart",
        "image": PUSH.image,
        "tag": "cart",
        "badge": 3,
        "message": "abc234",
    }


def test_a_long_message_is_shortened_and_stays_json() -> None:
    """With long addresses the body gives way, and what arrives is whole."""
    content = PushContent("t", "ş" * 900, "https://kervan.example/" + "u" * 1_900, "https://i.example/" + "i" * 1_000)
    with provider_wire(tls=contexts()[0]) as wire:
        wire.answer = WireAnswer(201)
        web = WebPush(guarded(wire.url), secrets=lambda: WEB_SECRETS, now=lambda: NOW)
        assert web.send_to(BROWSER.token, outgoing(content), content) == Accepted("")
    (request,) = wire.requests
    assert len(request.body) <= 4_096
    found = BROWSER.read(request.body)
    assert found["body"].endswith("ş…")
    assert found["image"] == content.image


def changed(**parts: Any) -> str:
    return json.dumps(BROWSER.subscription | parts)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        changed(endpoint="http://fcm.googleapis.com/x"),
        changed(endpoint="https://169.254.169.254/x"),
        changed(endpoint="https://evil.example/fcm.googleapis.com"),
        changed(endpoint="https://fcm.googleapis.com.evil.example/x"),
        changed(endpoint="https://fcm.googleapis.com@evil.example/x"),
        changed(endpoint="https://evilpush.apple.com.example/x"),
        changed(endpoint="https://xpush.services.mozilla.com.evil.example/"),
        changed(endpoint="https://fcm.googleapis.com:8443/x"),
        changed(endpoint=7),
        changed(keys={"p256dh": "AA", "auth": "AA"}),
        changed(keys=None),
        changed(keys={**BROWSER.keys, "auth": "ş"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_subscription_at_a_known_service_is_dead(token: str) -> None:
    """Nobody is called, and the token is not used again."""

    class Nobody:
        def request(self, *_: object, **__: object) -> Any:
            raise AssertionError("called")

    web = WebPush(Nobody(), secrets=lambda: WEB_SECRETS, now=lambda: NOW)  # type: ignore[arg-type]
    answer = web.send_to(PushToken(token, "web", NOW), outgoing(PUSH), PUSH)
    assert answer == Unreachable(Reason.DEAD_TOKEN)


def test_a_key_off_the_curve_is_dead() -> None:
    """A key of the right length that is no point of the curve."""
    key = base64.urlsafe_b64encode(b"\x04" + b"\x01" * 64).decode()
    token = changed(keys={**BROWSER.keys, "p256dh": key})
    web = WebPush(guarded("https://127.0.0.1:1"), secrets=lambda: WEB_SECRETS, now=lambda: NOW)
    assert web.send_to(PushToken(token, "web", NOW), outgoing(PUSH), PUSH) == Unreachable(Reason.DEAD_TOKEN)


@pytest.mark.parametrize("secrets", [{}, {"private_key": "AA", "subject": "mailto:a@b.example"}])
def test_without_a_key_pair_messages_wait(secrets: dict[str, str]) -> None:
    """Nothing was made yet, or what was stored is no key: an operator repairs it."""
    web = WebPush(guarded("https://127.0.0.1:1"), secrets=lambda: secrets, now=lambda: NOW)
    assert web.send_to(BROWSER.token, outgoing(PUSH), PUSH) == Postponed("provider_no_vapid_key")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_fails_for_one_subscription_says_nothing_of_the_channel(status: int) -> None:
    """A page reports any host below those of the browsers' makers."""
    with provider_wire(tls=contexts()[0]) as wire:
        wire.answer = WireAnswer(status)
        sender = DevicesSender(
            {"web": WebPush(guarded(wire.url), secrets=lambda: WEB_SECRETS, now=lambda: NOW).send_to}
        )
        answer = sender.send(replace(outgoing(PUSH), address=Address("push", "t.key", tokens=(BROWSER.token,))))
    assert isinstance(answer, Postponed)
    assert answer.about_address


@pytest.mark.parametrize("found", [None, [], [("127.0.0.1", 443)]])
def test_a_host_that_is_none_says_nothing_of_the_channel(found: list[tuple[str, int]] | None) -> None:
    """No such name, no address, an address of the inside."""

    def resolve(*_: object) -> list[tuple[str, int]]:
        if found is None:
            raise socket.gaierror(-2, "Name or service not known")
        return found

    token = PushToken(changed(endpoint="https://nobody.push.services.mozilla.com/x"), "web", NOW)
    web = WebPush(GuardedHttps(resolve=resolve), secrets=lambda: WEB_SECRETS, now=lambda: NOW)
    answer = web.send_to(token, outgoing(PUSH), PUSH)
    assert isinstance(answer, Postponed)
    assert answer.about_address


@pytest.mark.parametrize(
    "host",
    ["fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "wns2-par02p.notify.windows.com"],
)
def test_the_services_of_the_browsers_makers_are_known(host: str) -> None:
    """Chrome, Firefox, Safari and Edge."""
    assert read_subscription(changed(endpoint=f"https://{host}/w/?token=a")).origin == f"https://{host}"


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers(), st.lists, max_leaves=3).map(json.dumps))
def test_any_token_can_be_read(text: str) -> None:
    """Whatever a page reports is a subscription or refused."""
    with pytest.raises(InvalidSubscription):
        read_subscription(text)


class Https:
    """Answers, or says nothing; counts the calls."""

    def __init__(self, silence: Exception | None = None) -> None:
        self.silent, self.calls, self.silence = True, 0, silence or NoAnswer("timed_out")

    def request(self, *_: Any, **__: Any) -> HttpsAnswer:
        self.calls += 1
        if self.silent:
            raise self.silence
        return HttpsAnswer(201, {}, b"")


def test_a_push_service_without_answers_is_left_alone() -> None:
    """Three messages in a row, then a probe after 1, 2, 4, 8, 15 and 15 minutes; every other message waits. An answer
    ends it. Another maker's browsers are called all the while."""
    https, minutes = Https(), [0]
    web = WebPush(https, secrets=lambda: WEB_SECRETS, now=lambda: NOW + timedelta(minutes=minutes[0]))  # type: ignore[arg-type]
    other = BROWSER.token.token.replace("https://fcm.googleapis.com/", "https://updates.push.services.mozilla.com/")

    def send(number: int, token: str = BROWSER.token.token) -> Answer:
        message = replace(outgoing(PUSH), message_id=f"message{number}")
        return web.send_to(replace(BROWSER.token, token=token), message, PUSH)

    said = []
    for minute in range(60):
        minutes[0] = minute
        said += [send(10 * minute + number) for number in range(10)]
    silent = [one for one in said if isinstance(one, Ambiguous)]
    assert all(one.about_address for one in said if isinstance(one, Ambiguous | Postponed))
    assert {one.reason for one in said if isinstance(one, Postponed)} == {"provider_silent"}
    assert len(silent) == https.calls == 3 + 6
    https.silent = False
    assert isinstance(send(1_000, other), Accepted)
    assert isinstance(send(1_001), Postponed)
    minutes[0] = 75
    assert [isinstance(send(number), Accepted) for number in (1_002, 1_003)] == [True, True]


def test_one_message_that_gets_no_answer_again_and_again_counts_once() -> None:
    """It may be its own fault; so does a silence between answers."""
    https = Https()
    web = WebPush(https, secrets=lambda: WEB_SECRETS, now=lambda: NOW)  # type: ignore[arg-type]
    for number in (1, 1, 1, 1, 2):
        assert isinstance(web.send_to(BROWSER.token, replace(outgoing(PUSH), message_id=str(number)), PUSH), Ambiguous)
    https.silent = False
    assert isinstance(web.send_to(BROWSER.token, outgoing(PUSH), PUSH), Accepted)
    https.silent = True
    for number in (3, 4):
        assert isinstance(web.send_to(BROWSER.token, replace(outgoing(PUSH), message_id=str(number)), PUSH), Ambiguous)
    assert https.calls == 8


@pytest.mark.parametrize(("kind", "calls"), [("TimeoutError", 3), ("timed_out", 3), ("gaierror", 9)])
def test_a_push_service_that_takes_no_connection_in_time_is_left_alone(kind: str, calls: int) -> None:
    """Each call would hold up the worker, and the apps behind it, for seconds. What fails at once is called again."""
    https = Https(NeverLeft(kind))
    web = WebPush(https, secrets=lambda: WEB_SECRETS, now=lambda: NOW)  # type: ignore[arg-type]
    for number in range(9):
        answer = web.send_to(BROWSER.token, replace(outgoing(PUSH), message_id=str(number)), PUSH)
        assert isinstance(answer, Postponed)
        assert answer.about_address
    assert https.calls == calls
