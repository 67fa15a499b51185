"""Our signature against botocore's own signer, for any request that we may send."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from shared.adapters.sigv4 import Credentials, Signer
from tests.support.cases import UNIT, cases

pytestmark = UNIT

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
TOKENS = st.one_of(st.just(""), VISIBLE, st.lists(VISIBLE, min_size=2, max_size=4).map("  ".join))
HOSTS = st.from_regex(r"[a-z0-9]{1,12}(\.[a-z0-9]{1,8}){1,3}(:[1-9][0-9]{3})?", fullmatch=True)
PATHS = st.sampled_from(["/", "/base/", "/a b/", "/~x/"])
MOMENTS = st.floats(min_value=0, max_value=4_000_000_000, allow_nan=False)


@cases(8, 1_000)
@given(
    access_key=VISIBLE,
    secret_key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    token=TOKENS,
    host=HOSTS,
    path=PATHS,
    body=st.binary(max_size=300),
    target=st.from_regex(r"[A-Za-z0-9_]{1,20}\.[A-Za-z]{1,20}", fullmatch=True),
    now=MOMENTS,
    region=st.sampled_from(["eu-central-1", "us-gov-west-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "sqs"]),
)
def test_we_sign_as_botocore_does(
    access_key: str, secret_key: str, token: str, host: str, path: str, body: bytes, target: str, now: float,
    region: str, service: str,
) -> None:  # fmt: skip
    """The same Authorization, date and token for random credentials, hosts, bodies and times."""
    ours = Signer(service, region, host, path).headers(
        Credentials(access_key, secret_key, token), target, "application/x-amz-json-1.0", body, now
    )
    asked = AWSRequest(
        "POST",
        f"https://{host}{path}",
        {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target, "User-Agent": "any"},
        body,
    )
    asked.context["client_config"] = None
    moment = datetime.fromtimestamp(int(now), UTC).replace(tzinfo=None)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        SigV4Auth(BotocoreCredentials(access_key, secret_key, token or None), service, region).add_auth(asked)
    theirs = {name: asked.headers[name] for name in ours if name != "Host"}
    assert {name: value for name, value in ours.items() if name != "Host"} == theirs


def test_a_key_is_of_one_day_and_one_secret() -> None:
    """Midnight and renewed credentials change the signing key; a signer that was used before signs like a new one."""
    used = Signer("dynamodb", "eu-central-1", "h")
    found = set()
    for secret in ("one", "two"):
        for now in (86_399.0, 86_400.0):
            who = Credentials("AKIA", secret)
            signed = used.headers(who, "t", "c", b"{}", now)
            assert signed == Signer("dynamodb", "eu-central-1", "h").headers(who, "t", "c", b"{}", now)
            found.add(signed["Authorization"])
    assert len(found) == 4


def test_many_credentials_do_not_pile_up() -> None:
    """Renewed every hour for a year, the signer remembers a few keys only."""
    signer = Signer("dynamodb", "eu-central-1", "h")
    for hour in range(100):
        signer.headers(Credentials("AKIA", f"s{hour}"), "t", "c", b"", hour * 3600.0)
    assert len(signer._keys) <= 16


def test_secrets_are_not_shown() -> None:
    """An exception or a log line that names credentials shows the key's id only."""
    assert repr(Credentials("AKIA", "hidden-secret", "hidden-token")) == "Credentials(access_key='AKIA')"
    assert pretty_repr(Credentials("AKIA", "hidden-secret", "hidden-token")) == "Credentials(access_key='AKIA')"
