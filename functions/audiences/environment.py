"""What lives as long as the Lambda environment of audiences."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from functions.audiences.membership import Membership
from functions.audiences.settings import Settings
from shared.adapters.ad_platforms import GoogleAudiences, MetaAudiences, platforms
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.loopback_http import LoopbackHttp
from shared.adapters.secret import SecretValues
from shared.domain.definitions.audience import Audience
from shared.ports import Clock
from shared.ports.ad_platform import AdPlatform
from shared.stores.audience_entries import AudienceEntries
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

META_SECRETS, GOOGLE_SECRETS = "meta-ads", "google-ads"
"""Under these names the senders' secret holds the platforms' tokens."""


@dataclass(frozen=True, slots=True)
class Environment:
    """``platform`` gives the platform of an audience."""

    clock: Clock
    entries: AudienceEntries
    customers: CustomerStore
    membership: Membership
    platform: Callable[[Audience], AdPlatform]


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    releases = Releases(DynamoTable(client, settings.catalog))
    customers = CustomerStore(DynamoTable(client, settings.customers))
    entries = AudienceEntries(DynamoTable(client, settings.audiences))

    def shop() -> Mapping[str, Audience]:
        return releases.current(refresh=True).shop.audiences

    return Environment(
        clock_for(settings.clock), entries, customers, Membership(entries, customers, shop), _platform_of(settings)
    )


def _platform_of(settings: Settings) -> Callable[[Audience], AdPlatform]:
    secrets = SecretValues.of(settings.sender_secrets)
    if settings.url:
        meta = MetaAudiences(LoopbackHttp(), lambda: secrets.below(META_SECRETS), settings.url)
        url = settings.url
        google = GoogleAudiences(LoopbackHttp(), lambda: secrets.below(GOOGLE_SECRETS), time.monotonic, url, url)
        return platforms(meta, google)
    https = GuardedHttps()
    meta = MetaAudiences(https, lambda: secrets.below(META_SECRETS))
    return platforms(meta, GoogleAudiences(https, lambda: secrets.below(GOOGLE_SECRETS), time.monotonic))
