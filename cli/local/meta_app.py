"""The app at Meta that the local stack believes in: its secret signs webhooks, its token proves the address."""

from __future__ import annotations

import secrets
from typing import Literal

from cli import paths
from cli.deployment.sender_secrets import put_sender_secret

HOOK_SECRETS = ("app_secret", "verify_token")
SENDER_SECRETS = {
    "phone_number_id": "106540352242922", "whatsapp_token": "", "page_id": "17841400000000001", "page_token": "",
}  # fmt: skip
"""By their names; what is empty is made up."""


def ensure() -> None:
    """Makes the secrets once, and puts them where functions read them."""
    kept = paths.read(paths.STATE).get("meta") or {}
    missing = [name for name in (*HOOK_SECRETS, *SENDER_SECRETS) if name not in kept]
    if not missing:
        return
    kept |= {name: SENDER_SECRETS.get(name) or secrets.token_hex(16) for name in missing}
    for name in missing:
        kind: Literal["hooks", "senders"] = "hooks" if name in HOOK_SECRETS else "senders"
        put_sender_secret("local", kind, "meta", name, kept[name])
    paths.remember(meta=kept)


def app_secret() -> str:
    """Empty if the stack was started before there was one: `make run` makes it."""
    return str((paths.read(paths.STATE).get("meta") or {}).get("app_secret", ""))
