"""Clients of AWS, straight from botocore: what boto3 adds (resources, S3 transfers) costs a third of its import."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

from shared.adapters.user_agent import USER_AGENT

if TYPE_CHECKING:
    from botocore.client import BaseClient


@cache
def session() -> Session:
    return get_session()


def aws_client(service: str, config: Config | None = None, **options: Any) -> BaseClient:
    """What ``boto3.client`` gives, with the same look-up of region, credentials and ``AWS_ENDPOINT_URL``."""
    # A fixed text: botocore builds its own anew, twice, for each call, which is a fifth of the call's processor time.
    ours = Config(user_agent=USER_AGENT)
    return session().create_client(service, config=ours.merge(config) if config else ours, **options)
