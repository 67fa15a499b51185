"""Region, address and credentials for our own requests to AWS, as botocore would find them.

In a Lambda function everything is in the environment, and botocore, whose import alone takes longer than all our own
code, is not needed. Wherever a file of AWS's tools, a profile, a container or SSO has a say, botocore is asked.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from shared.adapters.aws_errors import AwsNotConfigured
from shared.adapters.sigv4 import Credentials

if TYPE_CHECKING:
    from botocore.session import Session

_SUFFIXES = (
    (re.compile(r"(us|us-gov|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-\d+"), "amazonaws.com.cn"),
)
"""Regions of which the address is known without botocore's data: of the partitions aws, aws-us-gov and aws-cn."""
_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
_VARIANTS = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


class Place(Struct, frozen=True):
    """Where a service answers, and which certificates are believed ("" for those that botocore brings)."""

    endpoint: str
    region: str
    ca_bundle: str = ""


class CredentialSource(Protocol):
    def current(self) -> Credentials:
        """Credentials that hold now. Raises AwsNotConfigured if there are none."""

    def renew(self) -> None:
        """AWS said that they have expired: the next ``current`` looks for them anew."""


def place_of(service: str, environ: Mapping[str, str]) -> Place:
    """Where ``service`` (botocore's name) is to be reached.

    Raises
    ------
    AwsNotConfigured
        If there is no region, or botocore cannot use what it finds.
    """
    region = environ.get("AWS_DEFAULT_REGION", "")
    if region and not _files(environ) and not any(environ.get(name) for name in (*_VARIANTS, "AWS_PROFILE")):
        named = environ.get("AWS_ENDPOINT_URL_" + service.upper()) or environ.get("AWS_ENDPOINT_URL")
        if named or (named := _known_endpoint(service, region)):
            return Place(named, region, environ.get("AWS_CA_BUNDLE", ""))
    return _asked_of_botocore(service)


def credential_source(environ: Mapping[str, str]) -> CredentialSource:
    """From the environment, if they stand there for as long as the process lives; else wherever botocore finds them."""
    if environ.get("AWS_CREDENTIAL_EXPIRATION") or not (
        environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY")
    ):
        return SessionCredentials()
    return EnvironmentCredentials(environ)


class EnvironmentCredentials:
    """``CredentialSource`` of a Lambda function, whose environment holds temporary credentials."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._found = self._read()

    def current(self) -> Credentials:
        return self._found

    def renew(self) -> None:
        self._found = self._read()

    def _read(self) -> Credentials:
        token = self._environ.get("AWS_SESSION_TOKEN") or self._environ.get("AWS_SECURITY_TOKEN") or ""
        return Credentials(self._environ["AWS_ACCESS_KEY_ID"], self._environ["AWS_SECRET_ACCESS_KEY"], token)


class SessionCredentials:
    """``CredentialSource`` over botocore's chain: profile, assumed role, SSO, container, instance. botocore renews
    what expires before it does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Any = None

    def current(self) -> Credentials:
        from botocore.exceptions import BotoCoreError

        try:
            with self._lock:
                if self._found is None:
                    self._found = _session().get_credentials()
                found = self._found
            frozen = found.get_frozen_credentials() if found is not None else None
        except BotoCoreError as missing:
            raise AwsNotConfigured(f"AWS's credentials cannot be had: {missing}") from missing
        if frozen is None:
            raise AwsNotConfigured("there are no AWS credentials: sign in, or set AWS_PROFILE")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    def renew(self) -> None:
        with self._lock:
            self._found = None


def _known_endpoint(service: str, region: str) -> str | None:
    for pattern, suffix in _SUFFIXES:
        if pattern.fullmatch(region):
            return f"https://{service}.{region}.{suffix}"
    return None


def _files(environ: Mapping[str, str]) -> bool:
    """Whether AWS's tools have been configured on this machine. A Lambda function has no such file."""
    paths = (environ.get(variable) or fallback for variable, fallback in _FILES.items())
    return any(Path(os.path.expanduser(path)).is_file() for path in paths)  # noqa: PTH111 - Path's raises without a home


def _asked_of_botocore(service: str) -> Place:
    from botocore.exceptions import BotoCoreError

    try:
        session = _session()
        client = session.create_client(service)
        bundle = session.get_config_variable("ca_bundle") or ""
    except BotoCoreError as missing:
        raise AwsNotConfigured(f"AWS is not set up on this machine: {missing}") from missing
    except ValueError as broken:
        raise AwsNotConfigured(f"the address of AWS cannot be read: {broken}") from broken
    return Place(client.meta.endpoint_url, client.meta.region_name, bundle)


def _session() -> Session:
    from botocore.session import get_session

    return get_session()
