"""What every sender promises: one attempt, no exception, each documented error sorted, lost answers told apart."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from shared.domain.messages.message import UNREACHABLE
from shared.domain.templates.content import Content, EmailContent, PushContent, SmsContent
from shared.ports.sender import Accepted, Ambiguous, Outgoing, Postponed, Refused, Sender, Unreachable
from tests.support.https_sender_cases import GATEWAY, GRAPH, WEB
from tests.support.provider_wire import CUT, SILENT, Wire, WireAnswer
from tests.support.sender_cases import AWS_CASES, MAIL, PUSH, TEXT, SenderCase, outgoing

pytestmark = pytest.mark.contract

ANSWERS = (Accepted, Unreachable, Refused, Postponed, Ambiguous)
CASES = (*AWS_CASES, GATEWAY, WEB, GRAPH)
REFUSED = [(case, name) for case in CASES for name in case.refusals]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> SenderCase:
    made: SenderCase = request.param
    return made


@pytest.fixture
def wire(case: SenderCase) -> Iterator[Wire]:
    with case.wire() as made:
        yield made


def test_a_yes_is_one_request_and_an_id(case: SenderCase, wire: Wire) -> None:
    """The provider's yes is Accepted, with its id, after exactly one request."""
    wire.answer = case.accepted
    answer = case.make(wire.url).send(case.message())
    assert isinstance(answer, Accepted)
    assert answer.provider_id
    assert len(wire.requests) == 1


@pytest.mark.parametrize(("case", "name"), REFUSED, ids=[f"{case.name}-{name}" for case, name in REFUSED])
def test_each_documented_error_is_sorted(case: SenderCase, name: str, wire: Wire) -> None:
    """Wait and try again, another channel, give this message up, or unknown; and no error is worth a second request."""
    wire.answer, expected = case.refusals[name]
    assert case.make(wire.url).send(case.message()) == expected
    assert len(wire.requests) == 1
    if isinstance(expected, Unreachable):
        assert expected.reason in UNREACHABLE


def test_no_error_of_the_services_model_is_forgotten(case: SenderCase) -> None:
    """Each error that botocore's model lists for the call is one of those that are sorted above."""
    if not case.service:
        pytest.skip("the provider is no service of AWS")
    model = botocore.session.get_session().get_service_model(case.service).operation_model(case.operation)
    codes = {shape.metadata.get("error", {}).get("code") or shape.name for shape in model.error_shapes}
    assert codes
    assert codes <= case.refusals.keys()


def test_what_never_left_is_definite(case: SenderCase) -> None:
    """Nobody listens: the message certainly did not go out, and is sent again later."""
    with socket.create_server(("127.0.0.1", 0)) as closing:
        url = f"{'https' if case.secure else 'http'}://127.0.0.1:{closing.getsockname()[1]}"
    answer = case.make(url).send(case.message())
    assert isinstance(answer, Postponed)


@pytest.mark.parametrize("fate", [SILENT, CUT], ids=["silent", "cut"])
def test_what_left_without_an_answer_is_ambiguous(case: SenderCase, fate: WireAnswer, wire: Wire) -> None:
    """The provider has the message and says nothing, or hangs up: it may have gone out. There is no second request."""
    wire.answer = fate
    assert isinstance(case.make(wire.url).send(case.message()), Ambiguous)
    assert wire.seen(1) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>busy</html>", b"{", b"null", b"[]", b'{"MessageId": 7}', b"\xff\xfe"], ids=repr
)
@pytest.mark.parametrize("status", [200, 302, 418, 502])
def test_no_answer_makes_a_sender_raise(case: SenderCase, status: int, body: bytes, wire: Wire) -> None:
    """Whatever comes back, it is one of the five answers, after one request; a broken 5xx is never definite."""
    wire.answer = WireAnswer(status, body)
    answer = case.make(wire.url).send(case.message())
    assert isinstance(answer, ANSWERS)
    assert len(wire.requests) == 1
    if status == 502 and not case.repeats:
        assert isinstance(answer, Ambiguous)


def test_content_of_another_channel_is_refused_without_a_request(case: SenderCase, wire: Wire) -> None:
    """A sender that is given what it cannot send asks nobody."""
    others = [one for one in (MAIL, TEXT, PUSH) if type(one) is not type(case.content)]
    for content in others:
        assert case.make(wire.url).send(outgoing(content)) == Refused("provider_invalid_message")
    assert wire.requests == []


_ANY = st.text(st.characters(), max_size=60)  # half surrogate pairs and control characters included


def _filled(content: Content, texts: tuple[str, str, str]) -> Content:
    match content:
        case EmailContent():
            return EmailContent(*texts)
        case SmsContent():
            return SmsContent(texts[0])
        case PushContent():
            return PushContent(texts[0], texts[1], "https://kervan.example/cart", texts[2])


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[SenderCase, Wire, Sender]]:
    case: SenderCase = request.param
    with case.wire() as made:
        made.answer = case.accepted
        yield case, made, case.make(made.url)


@settings(max_examples=60, deadline=None)
@given(texts=st.tuples(_ANY, _ANY, _ANY), name=_ANY)
def test_any_content_is_sent_once_or_refused(
    running: tuple[SenderCase, Wire, Sender], texts: tuple[str, str, str], name: str
) -> None:
    """Content of any kind and any sender's name: one request at most, and an answer; what was refused never left."""
    case, wire, sender = running
    wire.requests.clear()
    message: Outgoing = structs.replace(case.message(_filled(case.content, texts)), sender_name=name)
    answer = sender.send(message)
    assert isinstance(answer, Accepted | Refused | Unreachable)
    assert len(wire.requests) == (1 if isinstance(answer, Accepted) else 0)
