"""Who calls: the socket's other end, or whom the outermost of our own proxies has named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

_FORWARDED_MAX = 2000  # characters of the header that are looked at

_WITH_PORT = re.compile(r"\[([^\[\]]*)\](?::\d{1,5})?|([^:]*):\d{1,5}", re.ASCII)
"""`[2001:db8::1]`, `[2001:db8::1]:443` or `192.0.2.1:443`: some proxies name the port, too."""


class Callers:
    """Tells callers apart by their address, which is never logged: it is personal data."""

    def __init__(self, trusted_proxies: int = 0) -> None:
        """`trusted_proxies` is how many of our own stand in front and name who called."""
        self._proxies = trusted_proxies

    @property
    def named(self) -> bool:
        """Whether a proxy names them, so that the socket's other end says nothing."""
        return self._proxies > 0

    def of(self, request: web.Request) -> str:
        """Who has sent a request: an address, or a household's network of IPv6.

        What stands further left in `X-Forwarded-For` is whatever the caller has written there.
        What is no address counts as the proxy's own.
        """
        if self._proxies:
            header = ",".join(request.headers.getall("X-Forwarded-For", []))
            listed = header[-_FORWARDED_MAX:].split(",")
            if len(listed) >= self._proxies and (found := network(listed[-self._proxies])):
                return found
        return network(request.remote or "") or "unknown"


CALLERS = web.AppKey("callers", Callers)


@contextmanager
def counted(counter: Counter[str], key: str) -> Iterator[None]:
    """Count one more of something meanwhile; what is at zero is taken out of the counter."""
    counter[key] += 1
    try:
        yield
    finally:
        counter[key] -= 1
        if not counter[key]:
            del counter[key]


def network(text: str) -> str:
    """An address without its port, of IPv6 the network that one household has; "" for none."""
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        address = ip_address(text.partition("%")[0])  # behind it the name of an interface
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:  # a caller over IPv4, where both are listened to
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
