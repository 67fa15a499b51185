"""Sign-in with an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from functions.console.rights import known_roles

SECONDS = 5.0
"""For one request to the provider."""
LEEWAY_SECONDS = 30
ALGORITHMS = ("RS256", "ES256")
_ID_CHARACTERS = 200
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}

Fetch = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Method, address, headers and body to status and body."""


class SignInFailed(Exception):
    """The provider or the browser did not keep to the protocol; the text names no person and no token."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way; a signed cookie of the same browser keeps it."""

    state: str
    nonce: str
    verifier: str
    next: str

    @classmethod
    def new(cls, path: str) -> Attempt:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), path)

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider signed in. ``roles`` are those of the groups that are roles of the console."""

    subject: str
    name: str
    roles: tuple[str, ...]


def fetch_over_tls(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """To public addresses only, within ``SECONDS``."""
    from shared.adapters.guarded_https import GuardedHttps, NeverLeft, NoAnswer

    try:
        answer = GuardedHttps().request(method, url, headers, body, seconds=SECONDS)
    except (NeverLeft, NoAnswer) as silent:
        raise SignInFailed("the identity provider does not answer") from silent
    return answer.status, answer.body


@dataclass(slots=True)
class Provider:
    """A client without a secret at one provider. What the provider publishes of itself is read once.

    Parameters
    ----------
    issuer
        As tokens name it; ``/.well-known/openid-configuration`` below it says the rest.
    url
        Where the console answers.
    """

    issuer: str
    client_id: str
    url: str
    fetch: Fetch
    _known: dict[str, Any] = field(default_factory=dict)

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}/signed-in"

    def sign_in_address(self, attempt: Attempt) -> str:
        """Where the browser is sent."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._configuration('authorization_endpoint')}?{urlencode(asked)}"

    def sign_out_address(self) -> str | None:
        """Where the provider forgets the person too; None if it has no such place."""
        try:
            end = self._configuration("end_session_endpoint")
        except SignInFailed:
            return None
        back = f"{self.url}/sign-in"
        # Cognito reads logout_uri, others read what OpenID Connect RP-Initiated Logout 1.0 says
        return f"{end}?{urlencode({'client_id': self.client_id, 'logout_uri': back, 'post_logout_redirect_uri': back})}"

    def sign_in(self, attempt: Attempt, query: Mapping[str, str]) -> Person:
        """The person behind the provider's answer.

        Raises
        ------
        SignInFailed
            If the answer belongs to another attempt, or a token is not what it has to be.
        """
        if not hmac.compare_digest(query.get("state", "").encode(), attempt.state.encode()):
            raise SignInFailed("the answer belongs to another sign-in")
        code = query.get("code", "")
        if not code:
            raise SignInFailed("the identity provider refused")
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        tokens = self._json("POST", self._configuration("token_endpoint"), urlencode(asked).encode())
        claims = self._claims(str(tokens.get("id_token", "")))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
            raise SignInFailed("the token belongs to another sign-in")
        if claims.get("token_use", "id") != "id":
            raise SignInFailed("the token is not an id token")
        groups = claims.get("cognito:groups") or claims.get("groups") or []
        subject = str(claims["sub"])[:_ID_CHARACTERS]
        name = str(claims.get("email") or claims.get("cognito:username") or subject)[:_ID_CHARACTERS]
        return Person(subject, name, known_roles(map(str, groups if isinstance(groups, list) else [])))

    def _claims(self, token: str) -> dict[str, Any]:
        """What a token says whose signature, issuer, audience and time were checked."""
        import jwt

        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            found: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as wrong:
            raise SignInFailed(f"the token is not good: {type(wrong).__name__}") from None
        return found

    def _key(self, kid: str) -> Any:
        """The provider's key of this id; the keys are read again if it is not among them, because they change."""
        import jwt

        for again in (False, True):
            if again or "keys" not in self._known:
                self._known["keys"] = self._json("GET", self._configuration("jwks_uri"))
            for key in jwt.PyJWKSet.from_dict(self._known["keys"]).keys:
                if key.key_id == kid:
                    return key
        raise SignInFailed("the token is signed with a key that the provider does not publish")

    def _configuration(self, name: str) -> str:
        if "configuration" not in self._known:
            self._known["configuration"] = self._json("GET", f"{self.issuer}/.well-known/openid-configuration")
        found = self._known["configuration"].get(name)
        if not isinstance(found, str):
            raise SignInFailed(f"the identity provider publishes no {name}")
        return found

    def _json(self, method: str, url: str, body: bytes = b"") -> dict[str, Any]:
        status, answer = self.fetch(method, url, _FORM if body else {"accept": "application/json"}, body)
        try:
            found = json.loads(answer) if status == 200 else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SignInFailed(f"the identity provider answered {status}")
        return found
