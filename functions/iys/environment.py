"""What lives as long as the Lambda environment of IYS."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from functions.iys.consent_reader import ConsentReader
from functions.iys.intake import Intake
from functions.iys.settings import Settings
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.iys_api import IYS, MOST_BYTES, IysApi
from shared.adapters.loopback_http import LoopbackHttp
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import SecretValues, read_secret
from shared.domain.definitions.iys import IysSettings
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock
from shared.ports.iys import Iys
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.shop_answers import shop_region

SECRETS = "iys"
"""Under this name the senders' secret holds ``username`` and ``password``."""
WORKERS = 8


@dataclass(frozen=True, slots=True)
class Environment:
    """``iys`` gives IYS for the shop's account. Its token is kept as long as the account is the same."""

    clock: Clock
    records: IysRecords
    intake: Intake
    shop: Callable[[], Shop]
    iys: Callable[[IysSettings], Iys]
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    workers: int = 1


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    keys = IdentifierKeys(read_secret(settings.secret))
    catalog = DynamoTable(client, settings.catalog)
    customers = CustomerStore(DynamoTable(client, settings.customers))
    records = IysRecords(DynamoTable(client, settings.iys))
    phone = shop_phone_reader(shop_region(catalog, time.monotonic))
    releases = Releases(catalog)

    def shop() -> Shop:
        return releases.current(refresh=True).shop

    intake = Intake(records, customers, ConsentReader(customers, keys, phone), keys, phone, shop)
    secrets = SecretValues.of(settings.sender_secrets)
    return Environment(
        clock=clock_for(settings.clock),
        records=records,
        intake=intake,
        shop=shop,
        iys=_iys_of(settings, lambda: secrets.below(SECRETS)),
        workers=WORKERS,
    )


def _iys_of(settings: Settings, secrets: Callable[[], Mapping[str, str]]) -> Callable[[IysSettings], Iys]:
    @cache
    def made(code: int, brand: int) -> Iys:
        https = LoopbackHttp() if settings.url else GuardedHttps(most_bytes=MOST_BYTES)
        base = settings.url or IYS
        return IysApi(https, code=code, brand=brand, secrets=secrets, elapsed=time.monotonic, base=base)

    return lambda account: made(account.code, account.brand)
