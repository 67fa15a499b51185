"""The shop's tokens for the advertising platforms of the local stack."""

from __future__ import annotations

import secrets

from cli import paths
from cli.deployment.sender_secrets import put_sender_secret

NAMES = {
    "meta-ads": ("token",),
    "google-ads": ("developer_token", "client_id", "client_secret", "refresh_token"),
}


def ensure() -> None:
    """Makes the secrets once, and puts them where functions read them."""
    made = paths.read(paths.STATE).get("ads")
    made = made or {f"{sender}.{name}": secrets.token_hex(16) for sender, names in NAMES.items() for name in names}
    for sender, names in NAMES.items():
        for name in names:
            put_sender_secret("local", "senders", sender, name, made[f"{sender}.{name}"])
    paths.remember(ads=made)
