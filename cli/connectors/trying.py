"""What a delivery becomes, without a deployment: the same code as behind the webhook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.failure import WrongUse
from shared.adapters.jmespath_search import search
from shared.adapters.phones import phone_reader
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.delivery import MOST_BYTES, TOPICS, UnreadableDelivery, read_content, translate
from shared.domain.connectors.translation import Translation
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from shared.domain.events.warnings import warnings_of
from shared.domain.identity.keys import milliseconds
from shared.domain.products.product import product_json

PLATFORMS = ("shopify", "woocommerce")
MOST_SHOWN = 100


def connector_of(definition: Path | None, platform: str) -> Connector:
    """The connector of a definition's file, else one of the platform.

    Raises
    ------
    WrongUse
        If there is no such platform, or the file holds no connector that is right.
    """
    if definition is None:
        if platform not in PLATFORMS:
            raise WrongUse(f"--platform is one of {', '.join(PLATFORMS)}; a form of your own is described by --mapping")
        return Connector.model_validate({"connector": "shop", "platform": platform, "currency": "TRY"})
    from cli.definitions.connectors import CONNECTORS, check_connectors
    from cli.definitions.folder import InvalidFile, documents_of

    try:
        found = check_connectors(list(documents_of(definition, f"{CONNECTORS}/{definition.name}")))
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {definition}") from absent
    except InvalidFile as broken:
        raise WrongUse(str(broken.problem)) from broken
    if found.problems:
        raise WrongUse(str(found.problems[0]))
    if len(found.connectors) != 1:
        raise WrongUse(f"{definition} holds no connector, or several; name a file with one")
    return found.connectors[0]


def translated(connector: Connector, file: Path, topic: str, headers: Sequence[str]) -> dict[str, Any]:
    """Events as they would be sent and as they are read, products, stock and warnings.

    Raises
    ------
    WrongUse
        If the file is not there, too large or no JSON, or a header is none.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise WrongUse(f"{file} is larger than {MOST_BYTES // 1_000_000} MB, as no delivery is")
        content = read_content(file.read_bytes())
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except UnreadableDelivery as broken:
        raise WrongUse(f"{file} is not JSON") from broken
    given = dict(map(_header, headers))
    if topic:
        header = connector.mapping.header if connector.mapping else TOPICS[connector.platform]
        given[(header or "topic").lower()] = topic
    told = translate(connector, given, content, search, milliseconds(datetime.now(UTC)))
    return _described(connector, told)


def _header(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon or not name.strip():
        raise WrongUse("a header is written as 'X-Topic: orders/create'")
    return name.strip().lower(), value.strip()


def _described(connector: Connector, told: Translation) -> dict[str, Any]:
    warnings = [{"field": one.field, "reason": one.reason} for one in told.unusable]
    shown = []
    phone = phone_reader("TR")
    for place, body in enumerate(told.events):
        try:
            event = read_message(body, connector.source, datetime.now(UTC), phone=phone)
        except Refused as refused:
            warnings.append({"field": f"events.{place}", "reason": str(refused)})
            continue
        warnings += [{"field": f"events.{place}.{one.field}", "reason": one.reason} for one in warnings_of(event)]
        says = event.properties or {
            name: value for name, value in event.traits.items() if name not in ("email", "phone")
        }
        shown.append(
            {
                "event": event.name,
                "time": event.time.isoformat(),
                "who": ", ".join(map(str, event.identifiers)),
                "says": json.dumps(says, ensure_ascii=False)[:MOST_SHOWN],
            }
        )
    skus = {one.item: one.sku for one in told.items}
    stock = [
        {"item": one.item, "sku": skus.get(one.item), "location": one.location, "quantity": one.quantity}
        for one in told.levels
    ]
    products = [product_json(one.product) for one in told.products]
    gone = [one.item for one in told.gone]
    return {
        "events": told.events, "shown": shown, "products": products, "stock": stock, "gone": gone, "warnings": warnings,
    }  # fmt: skip
