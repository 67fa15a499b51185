"""Reading what a web firewall admits."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from infra.context import ContextError

LEAST_RATE, MOST_RATE = 100, 2_000_000
DEFAULT_RATE = 3_000


@dataclass(frozen=True, kw_only=True)
class FirewallRules:
    """Attributes
    ----------
    rate
        Requests that one address may send in five minutes.
    trusted
        Networks of the shop's own servers and tills, as CIDR: they are asked nothing.
    """

    rate: int = DEFAULT_RATE
    trusted: tuple[str, ...] = ()

    def networks(self, version: int) -> list[str]:
        """The trusted networks of IP version 4 or 6."""
        return [one for one in self.trusted if ipaddress.ip_network(one).version == version]


def read_firewall(read: Callable[[str], object]) -> FirewallRules | None:
    """None without `-c firewall=on`.

    Raises
    ------
    ContextError
        When a value is not understood.
    """
    wanted = str(read("firewall") or "off")
    if wanted not in ("on", "off"):
        raise ContextError(f"-c firewall={wanted} is not known; write on or off")
    if wanted == "off":
        return None
    rate = str(read("firewall_rate") or DEFAULT_RATE)
    if not rate.isascii() or not rate.isdigit() or not LEAST_RATE <= int(rate) <= MOST_RATE:
        raise ContextError(f"-c firewall_rate={rate} is no number of requests from {LEAST_RATE} to {MOST_RATE}")
    named = [one.strip() for one in str(read("firewall_trusted") or "").split(",") if one.strip()]
    return FirewallRules(rate=int(rate), trusted=tuple(dict.fromkeys(_network(one) for one in named)))


def _network(given: str) -> str:
    """WAF takes every size but 0: a rule that trusts everybody would be no firewall."""
    try:
        network = ipaddress.ip_network(given)
    except ValueError as broken:
        raise ContextError(f"-c firewall_trusted={given} is no network; write 203.0.113.0/24") from broken
    if network.prefixlen == 0:
        raise ContextError(f"-c firewall_trusted={given} would trust everybody; name your own networks")
    return str(network)
