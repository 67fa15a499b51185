"""Lists of hashed addresses at Meta (custom audiences) and Google (Customer Match): one attempt, in a fixed time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.user_agent import USER_AGENT
from shared.domain.definitions.audience import Audience
from shared.ports.ad_platform import AdPlatform, JobState, Member, PlatformDown

META = "https://graph.facebook.com"
META_VERSION = "v25.0"
GOOGLE = "https://googleads.googleapis.com"
GOOGLE_VERSION = "v24"
GOOGLE_LOGIN = "https://oauth2.googleapis.com"
SECONDS = 30.0
MOST = 5_000
"""Addresses of one change: Meta takes 10,000 and Google 100,000 in a request."""
EARLY = 60.0
_COLUMNS = {"email": "EMAIL", "phone": "PHONE"}
_FIELDS = {"email": "hashedEmail", "phone": "hashedPhoneNumber"}
_DONE, _FAILED = "SUCCESS", "FAILED"


class Https(Protocol):
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> HttpsAnswer: ...


class _Caller:
    def __init__(self, https: Https) -> None:
        self._https = https

    def call(self, method: str, url: str, headers: Mapping[str, str], content: Any) -> Any:
        """The JSON of an answer that is 2xx."""
        said = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **headers}
        try:
            answer = self._https.request(method, url, said, json.dumps(content).encode(), seconds=SECONDS)
        except (NeverLeft, NoAnswer) as kind:
            raise PlatformDown(str(kind)) from kind
        if not 200 <= answer.status < 300:
            raise PlatformDown(f"http_{answer.status}")
        try:
            return json.loads(answer.body) if answer.body else {}
        except ValueError as broken:
            raise PlatformDown("unreadable") from broken


def _secret(secrets: Callable[[], Mapping[str, str]], *names: str) -> list[str]:
    try:
        kept = secrets()
    except Exception as error:
        raise PlatformDown(type(error).__name__) from error
    found = [kept.get(name, "") for name in names]
    if not all(text and text.isascii() and text.isprintable() for text in found):
        raise PlatformDown("secret_missing")
    return found


class MetaAudiences:
    """``AdPlatform`` by Meta's Marketing API: rows are added by POST and removed by DELETE, at once. ``secrets`` gives
    ``token``."""

    def __init__(self, https: Https, secrets: Callable[[], Mapping[str, str]], base: str = META) -> None:
        self._caller = _Caller(https)
        self._secrets = secrets
        self._base = base

    def change(self, audience: Audience, members: Sequence[Member]) -> str:
        (token,) = _secret(self._secrets, "token")
        url = f"{self._base}/{META_VERSION}/{audience.list}/users"
        ordered = sorted(members, key=lambda one: (one.added, one.kind, one.digest))
        for (added, kind), some in groupby(ordered, key=lambda one: (one.added, one.kind)):
            payload = {"schema": [_COLUMNS[kind]], "data": [[one.digest] for one in some]}
            method = "POST" if added else "DELETE"
            self._caller.call(method, url, {"Authorization": f"Bearer {token}"}, {"payload": payload})
        return ""

    def job(self, audience: Audience, name: str) -> JobState:
        return "done"


class GoogleAudiences:
    """``AdPlatform`` by the Google Ads API: a job takes the changes, and is asked later what became of it.

    ``secrets`` gives ``developer_token``, ``client_id``, ``client_secret`` and ``refresh_token``. ``elapsed`` is a
    clock in seconds.
    """

    def __init__(
        self,
        https: Https,
        secrets: Callable[[], Mapping[str, str]],
        elapsed: Callable[[], float],
        base: str = GOOGLE,
        login: str = GOOGLE_LOGIN,
    ) -> None:
        self._caller = _Caller(https)
        self._secrets = secrets
        self._elapsed = elapsed
        self._base = f"{base}/{GOOGLE_VERSION}"
        self._login = login
        self._token: tuple[float, str] | None = None

    def change(self, audience: Audience, members: Sequence[Member]) -> str:
        """Removals stand before additions; they are of different addresses anyway."""
        headers, account = self._headers(), f"customers/{audience.account}"
        agreed = {"adUserData": "GRANTED", "adPersonalization": "GRANTED"}
        metadata = {"userList": f"{account}/userLists/{audience.list}", "consent": agreed}
        job = {"type": "CUSTOMER_MATCH_USER_LIST", "customerMatchUserListMetadata": metadata}
        made = self._caller.call("POST", f"{self._base}/{account}/offlineUserDataJobs:create", headers, {"job": job})
        name = made.get("resourceName") if isinstance(made, dict) else None
        if not isinstance(name, str) or not name.startswith(f"{account}/offlineUserDataJobs/"):
            raise PlatformDown("unreadable")
        operations = [
            {"create" if one.added else "remove": {"userIdentifiers": [{_FIELDS[one.kind]: one.digest}]}}
            for one in sorted(members, key=lambda one: (one.added, one.kind, one.digest))
        ]
        self._caller.call("POST", f"{self._base}/{name}:addOperations", headers, {"operations": operations})
        self._caller.call("POST", f"{self._base}/{name}:run", headers, {})
        return name

    def job(self, audience: Audience, name: str) -> JobState:
        query = f"SELECT offline_user_data_job.status FROM offline_user_data_job WHERE offline_user_data_job.resource_name = '{name}'"  # noqa: E501, S608 - the name is Google's own
        url = f"{self._base}/customers/{audience.account}/googleAds:search"
        said = self._caller.call("POST", url, self._headers(), {"query": query})
        try:
            status = said["results"][0]["offlineUserDataJob"]["status"]
        except (LookupError, TypeError) as broken:
            raise PlatformDown("unreadable") from broken
        return "done" if status == _DONE else "failed" if status == _FAILED else "running"

    def _headers(self) -> dict[str, str]:
        developer, id_, secret, refresh = _secret(
            self._secrets, "developer_token", "client_id", "client_secret", "refresh_token"
        )
        if self._token is None or self._elapsed() >= self._token[0]:
            asked = {
                "grant_type": "refresh_token", "client_id": id_, "client_secret": secret, "refresh_token": refresh,
            }  # fmt: skip
            said = self._caller.call("POST", f"{self._login}/token", {}, asked)
            try:
                self._token = self._elapsed() + max(float(said["expires_in"]) - EARLY, 0), str(said["access_token"])
            except (LookupError, TypeError, ValueError) as broken:
                raise PlatformDown("token_unreadable") from broken
        return {"Authorization": f"Bearer {self._token[1]}", "developer-token": developer}


def platforms(meta: MetaAudiences, google: GoogleAudiences) -> Callable[[Audience], AdPlatform]:
    """Gives the platform of an audience."""
    return lambda audience: meta if audience.to == "meta" else google
