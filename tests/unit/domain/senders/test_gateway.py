"""Gateways as data: what a definition may say, how values are filled in, and what an answer means."""

from __future__ import annotations

import copy
import ipaddress
import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.senders.answers import verdict
from shared.domain.senders.gateway import AnswerDefinition, Gateway
from shared.domain.senders.placeholders import Unfillable, fill_header, form_body, json_body, xml_body
from shared.domain.senders.public_hosts import check_https, is_public
from tests.support.https_sender_cases import GATEWAY_DEFINITION

pytestmark = pytest.mark.unit

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@pytest.mark.parametrize(
    "url",
    [
        "http://sms.example.com/send",
        "https://localhost/send",
        "https://sms/send",
        "https://10.0.0.1/send",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://user:pw@sms.example.com/",
        "https://sms.example.com:8443/",
        "https://sms.example.com/#x",
        "https://sms.example.com/\r\nx: y",
        "https://sms.example.com\\@10.0.0.1/",
        "https://metadata.google.internal/",
        "https://[fe80::1%25eth0]/",
        "https://",
        "ftp://sms.example.com/",
        "https://sms.example.com:99999/",
        "https://sms.example.com/" + "a" * 3_000,
    ],
)
def test_addresses_inside_are_refused(url: str) -> None:
    """Only https to a named public host at the usual port is an address; the message repeats nothing of it."""
    with pytest.raises(ValueError, match="the address") as refused:
        check_https(url)
    assert url not in str(refused.value) or url == "https://"


def test_a_public_host_is_taken() -> None:
    """A name of the public internet, whatever stands in path and query."""
    assert check_https("https://api.netgsm.com.tr/sms/rest/v2/send?a=b") == "api.netgsm.com.tr"
    assert check_https("https://api.netgsm.com.tr:443/") == "api.netgsm.com.tr"


@given(st.integers(0, 2**32 - 1) | st.sampled_from([0x0A000001, 0x7F000001, 0xA9FEA9FE, 0xC0A80001, 0xAC100001]))
def test_a_private_address_is_private_in_every_spelling(number: int) -> None:
    """An IPv4 address means the same inside IPv6: mapped, by 6to4 and by NAT64."""
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address(0xFFFF00000000 + number)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    assert {is_public(str(one)) for one in (mapped, six_to_four, nat64)} == {is_public(str(plain))}
    if plain.is_private or plain.is_loopback or plain.is_link_local or plain.is_multicast:
        assert not is_public(str(plain))


@given(TEXTS)
def test_a_value_leaves_no_place_in_json(text: str) -> None:
    """JSON with any text in it reads back as the same structure with that text."""
    body = json_body({"a": ["{{ text }}", 1, None], "b": {"c": "x {{ text }} y"}}, {"text": text})
    assert json.loads(body) == {"a": [text, 1, None], "b": {"c": f"x {text} y"}}


@given(TEXTS)
def test_a_value_leaves_no_place_in_a_form(text: str) -> None:
    """A form with any text in it reads back as the same fields."""
    body = form_body({"m": "{{ text }}", "k": "1"}, {"text": text}).decode("ascii")
    assert parse_qs(body, keep_blank_values=True) == {"m": [text], "k": ["1"]}


@given(TEXTS)
def test_a_value_leaves_no_place_in_xml(text: str) -> None:
    """XML with any text in an element and an attribute has the same elements; signs that XML forbids are left out."""
    body = xml_body('<r a="{{ text }}"><t>{{ text }}</t></r>', {"text": text})
    found = ET.fromstring(body)  # noqa: S314  made here
    assert [child.tag for child in found] == ["t"]
    assert set(found.attrib) == {"a"}
    kept = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    assert (found[0].text or "") == kept.replace("\r", "\n")


def test_a_value_that_holds_a_place_is_not_filled_again() -> None:
    """A customer who is called {{ secret.key }} reads no secret."""
    values = {"text": "{{ secret.key }}", "secret.key": "s3cret"}
    assert b"s3cret" not in json_body({"m": "{{ text }}"}, values)
    assert b"s3cret" not in xml_body("<m>{{ text }}</m>", values)


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "ş", "a\x00b"])
def test_a_header_takes_no_line_breaks(value: str) -> None:
    """What no header can hold is no header."""
    with pytest.raises(Unfillable) as refused:
        fill_header("x {{ text }}", {"text": value})
    assert value not in str(refused.value)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The definition with one part changed; None removes it."""
    definition = copy.deepcopy(GATEWAY_DEFINITION)
    *parts, last = path.split(".")
    place = definition
    for part in parts:
        place = place[part]
    place[last] = value
    if value is None:
        del place[last]
    return definition


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        (changed("request.url", "http://sms.example.com"), "https://"),
        (changed("request.url", "https://192.168.1.1/"), "public internet"),
        (changed("request.body.json", {"m": "{{ text }}"}), "{{ to }}"),
        (changed("request.body.json", {"m": "{{ to }}"}), "{{ text }}"),
        (changed("request.body.json", {"m": "{{ text }} {{ to }} {{ name }}"}), "{{ name }}"),
        (changed("request.body.json", {"m": "{{ text }}", False: "{{ to }}"}), "quotes"),
        (changed("request.body", {}), "one of json, form and xml"),
        (changed("country", None), "country"),
        (changed("request.headers", {"Host": "x"}), "Host"),
        (changed("request.headers", {"A b": "x"}), "A b"),
        (changed("by_purpose", {"marketing": {"iys": "1"}}), "by_purpose"),
        (changed("answer.accepted", [{}]), "at least one"),
        (changed("answer.accepted", [{"status": "abc"}]), "abc"),
        (changed("answer.accepted", [{"text": "("}]), "regular expression"),
        (changed("answer.accepted", []), "at least 1"),
        (changed("request.timeout", 60), "less than or equal to 15"),
        (changed("password", "s3cret"), "Extra inputs"),
        (changed("webhook", {"check": {"secret": "a"}}), "header, query and hmac_header"),
        (
            changed(
                "webhook", {"check": {"secret": "a", "query": "t"}, "reports": {"status": "s", "delivered": ["1"]}}
            ),
            "message_id and provider_id",
        ),
    ],
)
def test_a_mistake_in_a_definition_is_told(definition: dict[str, Any], says: str) -> None:
    """What would fail at the first message fails when definitions are checked."""
    with pytest.raises(ValidationError) as refused:
        Gateway.model_validate(definition)
    assert says in str(refused.value)


def test_a_definition_survives_storing() -> None:
    """What is stored as JSON reads back as the same gateway."""
    gateway = Gateway.model_validate(GATEWAY_DEFINITION)
    assert Gateway.model_validate_json(gateway.model_dump_json(by_alias=True, exclude_none=True)) == gateway
    assert gateway.secrets == {"account", "user", "password", "signing"}


@given(st.integers(100, 599), st.binary(max_size=60) | st.sampled_from([b'{"code": "00"}', b'{"code": 0}', b"ok 12"]))
def test_any_answer_has_a_verdict(status: int, body: bytes) -> None:
    """No body raises; a 5xx that no rule knows is never definite, and a success needs its rule."""
    rules = AnswerDefinition.model_validate(
        {"accepted": [{"status": "2xx", "text": r"^ok (\d+)$"}], "id": {"text": r"^ok (\d+)$"}}
    )
    found = verdict(rules, status, body)
    if 200 <= status < 300 and body == b"ok 12":
        assert (found.kind, found.provider_id) == ("accepted", "12")
    elif status >= 500 or status < 400:
        assert found.kind == "accepted" or found.kind == "ambiguous"
        assert (found.kind == "accepted") == (200 <= status < 300 and body.startswith(b"ok ") and body[3:].isdigit())
