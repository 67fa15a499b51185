"""The cryptography of web push: payloads that only the browser reads (RFC 8291), and proof of the sender (RFC 8292)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.domain.messages.web_subscription import Subscription

RECORD_BYTES = 4_096
HEADER_BYTES = 16 + 4 + 1 + 65
OVERHEAD_BYTES = 16 + 1
"""Tag, and the mark of the last record."""
MOST_BYTES = RECORD_BYTES - HEADER_BYTES - OVERHEAD_BYTES
"""Of a payload: push services take 4096 bytes in all."""
PROOF_VALID = timedelta(hours=12)
_CURVE = ec.SECP256R1()


def encrypt(
    payload: bytes,
    subscription: Subscription,
    *,
    private: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body with ``Content-Encoding: aes128gcm``, in one record. ``private`` and ``salt`` are for test vectors.

    Raises
    ------
    ValueError
        If the subscription's key is no point of the curve, or the payload is too long.
    """
    if len(payload) > MOST_BYTES:
        raise ValueError("the payload is too long")
    private = private or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, subscription.key)
    ours = _point(private.public_key())
    info = b"WebPush: info\x00" + subscription.key + ours
    shared = _expand(_extract(subscription.secret, private.exchange(ec.ECDH(), theirs)), info, 32)
    secret = _extract(salt, shared)
    key = _expand(secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _expand(secret, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, payload + b"\x02", None)


@dataclass(frozen=True, slots=True)
class VapidKey:
    """The deployment's key pair. Browsers subscribe with ``public``; ``subject`` is who answers for the messages."""

    private: ec.EllipticCurvePrivateKey
    subject: str

    @classmethod
    def made(cls, subject: str) -> VapidKey:
        """A new key pair."""
        return cls(ec.generate_private_key(_CURVE), subject)

    @classmethod
    def read(cls, private: str, subject: str) -> VapidKey:
        """From what ``private_text`` gave.

        Raises
        ------
        ValueError
            If it is no key.
        """
        number = int.from_bytes(base64.urlsafe_b64decode(private + "=" * (-len(private) % 4)), "big")
        return cls(ec.derive_private_key(number, _CURVE), subject)

    @property
    def private_text(self) -> str:
        """The private key, as ``read`` takes it."""
        return _text(self.private.private_numbers().private_value.to_bytes(32, "big"))

    @property
    def public(self) -> str:
        """The public key, as browsers take it."""
        return _text(_point(self.private.public_key()))

    def authorization(self, origin: str, now: datetime) -> str:
        """The header ``Authorization`` for a push service, good for twelve hours."""
        claims = {"aud": origin, "exp": int((now + PROOF_VALID).timestamp()), "sub": self.subject}
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        signed = ".".join(_text(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public}"


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _extract(salt: bytes, material: bytes) -> bytes:
    return hmac.new(salt, material, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand for one block, which is all that is asked here."""
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()[:length]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
