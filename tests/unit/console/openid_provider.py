"""An identity provider in memory, which keeps to the protocol unless a test tells it not to."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.console.oidc import Provider
from tests.unit.console.console_world import URL

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI"
PAGES = "https://kervan-prod.auth.eu-central-1.amazoncognito.com"
CLIENT = "7example0client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CONFIGURATION = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{PAGES}/oauth2/authorize",
    "token_endpoint": f"{PAGES}/oauth2/token",
    "jwks_uri": f"{ISSUER}/.well-known/jwks.json",
    "end_session_endpoint": f"{PAGES}/logout",
}


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half, as a provider publishes it."""
    found: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "kid": kid, "alg": "RS256", "use": "sig"}


@dataclass
class OpenIdProvider:
    """``claims`` replace those of the token; ``key``, ``kid``, ``algorithm`` and ``token`` are what it is signed by."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    kid: str = "k1"
    algorithm: str = "RS256"
    published: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk(KEY, "k1")])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    status: int = 200

    def provider(self) -> Provider:
        return Provider(ISSUER, CLIENT, URL, self.fetch)

    def sign_in(self, address: str) -> str:
        """What a person does on the provider's page: the address that the browser is sent back to."""
        query = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"/console/signed-in?code={code}&state={query['state']}"

    def fetch(self, method: str, url: str, _headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.asked.append(url)
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return 200, json.dumps(CONFIGURATION).encode()
        if url == CONFIGURATION["jwks_uri"]:
            return 200, json.dumps({"keys": self.published}).encode()
        assert (method, url) == ("POST", CONFIGURATION["token_endpoint"])
        form = dict(parse_qsl(body.decode()))
        begun = self.codes.pop(form["code"], None)  # a code is good once
        if begun is None or not self._fits(begun, form):
            return 400, b'{"error": "invalid_grant"}'
        return self.status, json.dumps({"id_token": self._token(begun["nonce"]), "access_token": "a"}).encode()

    @staticmethod
    def _fits(begun: Mapping[str, str], form: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = all(begun[name] == form[name] for name in ("redirect_uri", "client_id"))
        return same and begun["code_challenge"] == challenge and begun["code_challenge_method"] == "S256"

    def _token(self, nonce: str) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "0a1b2c3d",
            "email": "deniz@shop.example",
            "cognito:groups": ["marketer", "something-else"],
            "token_use": "id",
            "nonce": nonce,
            "iat": now,
            "exp": now + timedelta(minutes=5),
            **self.claims,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, self.key, algorithm=self.algorithm, headers={"kid": self.kid})
