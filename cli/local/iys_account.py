"""The shop's account at the IYS of the local stack, and the token by which it pushes."""

from __future__ import annotations

import secrets

from cli import paths
from cli.deployment.sender_secrets import put_sender_secret


def ensure() -> None:
    """Makes the secrets once, and puts them where functions read them."""
    made = paths.read(paths.STATE).get("iys")
    made = made or {name: secrets.token_hex(16) for name in ("username", "password", "token")}
    for name in ("username", "password"):
        put_sender_secret("local", "senders", "iys", name, made[name])
    put_sender_secret("local", "hooks", "iys", "token", made["token"])
    paths.remember(iys=made)


def token() -> str:
    """What IYS brings when it pushes; empty if the stack was started before there was one: `make run` makes it."""
    return str((paths.read(paths.STATE).get("iys") or {}).get("token", ""))
