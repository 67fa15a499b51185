"""Forty secrets and forty personal values of one shop and one person, and where none of them may be found."""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cli.catalog import catalog_table
from cli.deployment.secret import deployment_secret
from cli.deployment.sender_secrets import put_sender_secret
from cli.local import deploy
from cli.main import run
from shared.domain.connectors.connector import Connector
from shared.stores.connectors import put_connector
from tests.e2e.conftest import Kervan
from tests.e2e.test_connected_shop import SECRET, deliver
from tests.e2e.test_rights import Ayse, stored
from tests.support.canaries import found

pytestmark = pytest.mark.e2e
PRODUCTS = (22, 25)
"""Marks of hers that are the ids of products: what the shop sells is no secret of hers, and stock asks by it."""
GUESSES = 26
"""Values that a stranger sends where a secret is expected."""


def guess(name: str, number: int) -> str:
    return f"gss{name}k{number:02d}"


def guessed(kervan: Kervan, name: str) -> None:
    """Strangers show keys, tokens and signatures wherever one is read; no answer says them back, none is a failure."""
    basic = base64.b64encode(f"{guess(name, 1)}:".encode()).decode()
    track = {"type": "track", "event": "E", "userId": "u", "messageId": "m"}
    asked: list[tuple[str, str, object, dict[str, str]]] = [
        ("POST", "/v1/track", track, {"authorization": f"Basic {basic}"}),
        ("POST", "/v1/track", track, {"authorization": f"Bearer {guess(name, 2)}"}),
        ("POST", "/v1/track", {**track, "writeKey": guess(name, 3)}, {}),
        ("POST", f"/v1/track?writeKey={guess(name, 4)}", track, {}),
        ("GET", "/v1/customers/user:1", None, {"authorization": f"Bearer {guess(name, 5)}"}),
        ("GET", f"/v1/customers/user:1?key={guess(name, 6)}", None, {}),
        ("GET", "/v1/stock/x", None, {"authorization": f"Bearer {guess(name, 7)}"}),
        ("GET", "/v1/conversations", None, {"authorization": f"Bearer {guess(name, 8)}"}),
        ("POST", "/v1/chat", {"token": guess(name, 9), "text": "hi"}, {}),
        ("GET", "/console", None, {"cookie": f"kervan_session={guess(name, 10)}; csrf={guess(name, 11)}"}),
        ("POST", "/console/segments", None, {"cookie": f"kervan_session={guess(name, 12)}"}),
        ("GET", f"/console/signed-in?code={guess(name, 13)}&state={guess(name, 14)}", None, {}),
        ("GET", f"/l/{guess(name, 15)}", None, {}),
        ("GET", f"/o/{guess(name, 16)}.gif", None, {}),
        ("GET", f"/p/{guess(name, 17)}", None, {}),
        ("GET", f"/privacy/{guess(name, 18)}", None, {}),
        ("POST", f"/v1/unsubscribe/{guess(name, 19)}", None, {}),
        ("POST", "/v1/hooks/meta", {"entry": []}, {"x-hub-signature-256": f"sha256={guess(name, 20)}"}),
        ("GET", f"/v1/hooks/meta?hub.mode=subscribe&hub.verify_token={guess(name, 21)}&hub.challenge=1", None, {}),
        ("POST", f"/v1/hooks/shops/planted-{name}", {}, {"x-shopify-hmac-sha256": guess(name, 22)}),
        ("POST", f"/v1/hooks/sms/gateway?token={guess(name, 23)}", {}, {}),
        ("POST", f"/v1/hooks/iys?token={guess(name, 24)}", {}, {}),
        ("GET", "/v1/cart", None, {"authorization": f"Bearer e30.e30.{guess(name, 25)}"}),
        ("POST", "/v1/subscribe/confirm", {"ticket": guess(name, 26), "code": "123456"}, {}),
    ]
    for method, path, content, headers in asked:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(  # noqa: S310 - the stack's own address
            kervan.endpoint + path, data=body, method=method, headers={"content-type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                said = answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace") if refused.code < 500 else guess(name, 0)
        assert found([f"gss{name}"], [said]) == set(), path


def planted(kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Real secrets of the shop, each in use, by what it is."""
    capsys.readouterr()
    secrets = {"admin key": kervan.api.key, "identifier key": deployment_secret("local").decode()}
    secrets |= {f"key of {source}": key for source, key in kervan.write_keys.items() if source not in ("web", "mobile")}
    for number in range(3):
        assert run(["keys", "add", f"p{number}-{name}", "--trust", "server", "--json"]) == 0
        secrets[f"new key {number}"] = json.loads(capsys.readouterr().out)["key"]
    assert run(["keys", "token-secret", "server", "--json"]) == 0
    secrets["secret of tokens"] = json.loads(capsys.readouterr().out)["secret"]
    catalog = catalog_table("local")
    put_connector(catalog.table, Connector(connector=f"planted-{name}", platform="shopify", currency="TRY"))
    catalog.use_at_once()
    put_sender_secret("local", "hooks", f"shop-planted-{name}", "secret", SECRET)
    for number in range(8):
        secrets[f"password {number}"] = f"pswd{name}w{number}"
        put_sender_secret("local", "senders", f"planted{number}", "password", secrets[f"password {number}"])
    secrets |= {f"guess {number}": guess(name, number) for number in range(1, GUESSES + 1)}
    return secrets


def waiting(kervan: Kervan, marks: set[str]) -> Iterator[tuple[str, str]]:
    """A dead letter of hers as operators see it: by ids only."""
    sqs = deploy.client(kervan.stack.base, "sqs")
    [queue] = [one for one in sqs.list_queues()["QueueUrls"] if one.endswith("segment-on-events-failures")]
    mark = min(marks)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"pk": mark, "sk": mark, "error": mark, "text": mark}))
    letters = kervan.api.get("/v1/deadletters")["items"]
    yield "dead letters", json.dumps(letters)
    shown = kervan.api.items("/v1/deadletters/segment-on-events")
    yield "dead letter", json.dumps(list(shown))
    sqs.purge_queue(QueueUrl=queue)


def named(kervan: Kervan) -> Iterator[tuple[str, str]]:
    """Where no personal value belongs: logs, metrics, keys of items, names of files, attributes of messages."""
    for place, text in stored(kervan):
        table, _, rest = place.partition(" ")
        if place in ("log", "metrics") or place.startswith("/aws/"):
            yield place, text
        elif rest:
            yield f"key in {table}", rest


def test_forty_secrets_and_forty_personal_values_are_where_they_belong(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Secrets: nowhere, except in Secrets Manager. Personal values: in items, files and bodies, never in a key, a log,
    a metric or a letter. Tokens of her messages open something for whoever has them: no log and no key holds one."""
    secrets = planted(kervan, name, capsys)
    assert len(set(secrets.values())) == len(secrets) >= 40
    kervan.advance_until("10:00")
    ayse = Ayse(kervan, name, f"planted-{name}")
    ayse.come()
    guessed(kervan, name)
    kervan.advance(timedelta(hours=1, minutes=5))
    ayse.go_on()
    assert deliver(kervan, f"planted-{name}", "orders/create", ayse.order, secrets["password 0"])[0] == 401
    kervan.settle()

    everything = dict(stored(kervan))
    assert len(found(ayse.marks, everything.values())) >= 33
    by_text = {text.casefold(): what for what, text in secrets.items()}
    where = {(by_text[mark], place) for place, text in everything.items() for mark in found(secrets.values(), [text])}
    assert where == set()

    tokens = {
        token
        for item in kervan.outbox()
        if item["to"] == ayse.email
        for token in re.findall(r"/(?:l|o|p|privacy)/([A-Za-z0-9_.-]{20,})", str(item))
    }
    assert tokens
    places = [*named(kervan), *waiting(kervan, ayse.marks)]
    assert len([place for place, _ in places if place.startswith("/aws/lambda/")]) > 20
    hers = ayse.marks - {ayse.mark(number) for number in PRODUCTS}
    leaked = {(mark, place) for place, text in places for mark in found({*hers, *tokens}, [text])}
    assert leaked == set()
