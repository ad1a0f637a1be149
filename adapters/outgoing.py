"""The way out: where a request may go.

A vendor's address is typed in by a person, so it may name what only we can
reach. Names are not judged but the addresses they resolve to, and the connection
goes to the very address that was judged: a second look-up could answer otherwise.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpcore
import httpx

from domain.errors import Invalid

Address = IPv4Address | IPv6Address

# Not for the public, though ``is_global`` of one Python version or another says so.
_RESERVED: Final = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays, abandoned
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # kept back, and broadcast
        "::/96",  # IPv4-compatible, abandoned
        "64:ff9b:1::/48",  # translation inside one network
        "100::/64",  # discard
        "2001::/32",  # Teredo: the address within may be anybody's
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing inside one network
        "fec0::/10",  # site-local, abandoned
        "ff00::/8",  # multicast
    )
)
_NAT64: Final = ip_network("64:ff9b::/96")
_HIGHEST_PORT: Final = 65_535


def check_base_url(text: str) -> str:
    """Return a vendor's address without its last slash.

    https only; http for a loopback address written as such (127.0.0.0/8, ::1,
    ``localhost``), which is how a vendor runs beside us in the demo.
    Raises Invalid at ``baseUrl``.
    """
    text = text.strip()
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise _invalid("is not a URL") from None
    if (
        not url.host
        or any(letter in text for letter in " \\")
        or not 0 < (url.port or 1) <= _HIGHEST_PORT
    ):
        raise _invalid("is not a URL with a host")
    if url.userinfo or "@" in text:
        raise _invalid("must hold no user or password: set them as credentials")
    if url.query or url.fragment or "?" in text or "#" in text:
        raise _invalid("must end with its path: no query, no fragment")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback_host(url.host)):
        raise _invalid("must begin with https://")
    return str(url).rstrip("/")


def is_loopback_host(host: str) -> bool:
    """Say whether a URL's host is this machine, written as such."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Say whether an address is anybody's to reach.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64) is what it carries.
    """
    carried = _carried(address)
    if carried is not None:
        return is_public(carried)
    return address.is_global and not any(address in network for network in _RESERVED)


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _invalid(fault: str) -> Invalid:
    return Invalid(f"the base URL {fault}", path=("baseUrl",))


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be reached, and to no other.

    local: the only addresses allowed are those of this machine.
    """

    def __init__(self, *, local: bool) -> None:
        """Open nothing yet."""
        self._local = local
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, judge every address, and connect to the first that answers.

        Raises httpcore.ConnectError: one forbidden address forbids the name.
        """
        addresses = await _resolved(host, port)
        if not all(a.is_loopback if self._local else is_public(a) for a in addresses):
            raise httpcore.ConnectError(f"{host} is not a public address")
        failure = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure


async def _resolved(host: str, port: int) -> list[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError(f"{host} is not a known name") from None
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


class GuardedTransport(httpx.AsyncHTTPTransport):
    """HTTP over guarded connections; TLS is checked against the name, not the address."""

    def __init__(self, *, local: bool) -> None:
        """Take ``local`` as ``Guarded`` does."""
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        # httpx has no parameter for how its pool connects.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=10,
            keepalive_expiry=5.0,
            network_backend=Guarded(local=local),
        )
