"""Which hosts and addresses may be called from inside the account: public ones, over TLS, at the usual port."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_OWN_NAMES = (".local", ".localhost", ".internal", ".arpa", ".home", ".lan")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
URL_LENGTH = 2_000


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; false for everything that is no address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if found.is_site_local:  # deprecated, and still routed inside some networks
            return False
        if inner is not None:
            found = inner
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def check_https(url: str) -> str:
    """The host of an address that may be called.

    Raises
    ------
    ValueError
        If it is not https, names a user, another port or a fragment, or a host that is none of the public internet.
        The message does not repeat the address.
    """
    if len(url) > URL_LENGTH or any(sign <= " " or sign >= "\x7f" or sign == "\\" for sign in url):
        raise ValueError("the address is too long, or holds signs that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as broken:
        raise ValueError("the address cannot be read") from broken
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https":
        raise ValueError("the address must begin with https://")
    if parts.username is not None or parts.password is not None or port not in {None, 443} or parts.fragment:
        raise ValueError("the address must have no user, no other port than 443 and no fragment")
    if not host or ("." not in host and ":" not in host) or host.endswith(_OWN_NAMES):
        raise ValueError("the address must name a host of the public internet")
    if (":" in host or host.rpartition(".")[2].isdigit()) and not is_public(host):
        raise ValueError("the address must name a host of the public internet")
    if host.rpartition(".")[2].lower().startswith("0x"):
        raise ValueError("the address must name a host of the public internet")
    return host
