"""Finds the proxy for a host in the usual environment variables. Pure; it does not import httpx.

Messages have only the host and port of a proxy's address: the rest may be a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pmtui.redaction import hide_keys, register

VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""In this order, as in curl; lower case wins."""
EXEMPT = ("no_proxy", "NO_PROXY")

_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_BRACKETED = re.compile(r"\[([^\]]*)\](?::(\d+))?")
_NAME = re.compile(r"\*?\.?[\w-]+(\.[\w-]+)*\.?", re.ASCII)


class BadProxy(Exception):
    """A proxy that cannot be used. The message says why, without the address."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. ``host`` has no brackets, ``port`` is 0 for the scheme's default. ``variable`` is where it was found."""

    scheme: str
    host: str
    port: int
    username: str
    password: str
    variable: str

    @property
    def shown(self) -> str:
        """Host and port, the only parts that may be shown."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def url(self) -> str:
        """The address without user name and password."""
        return f"{self.scheme}://{self.shown}"

    def __repr__(self) -> str:
        return f"Proxy({self.shown!r})"


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy from the environment, None for none; and messages about variables that had to be ignored.

    ``wanted``: the environment names a proxy, usable or not.
    """

    proxy: Proxy | None
    problems: tuple[str, ...] = ()
    wanted: bool = False


def proxies_of(environ: Mapping[str, str], *, socks: bool) -> Proxies:
    """The proxy for https to any host. ``socks``: whether SOCKS is supported here."""
    found: Proxy | None = None
    problems: list[str] = []
    named = [(name, environ[name]) for name in VARIABLES if environ.get(name, "").strip()]
    for name, written in named:
        try:
            proxy = _read(name, written.strip())
            if proxy.scheme.startswith("socks") and not socks:
                raise BadProxy("it is a SOCKS proxy, which needs an extra: pip install 'pmtui[socks]'")
        except BadProxy as problem:
            problems.append(f"{name}: {problem}")
        else:
            found = found or proxy
    name, entries = _exempt(environ)
    problems += [f"{name}: {hide_keys(entry)!r} is not a host, address or network" for entry in entries if _pattern(entry) is None]
    return Proxies(found, tuple(problems), wanted=bool(named))


def needs_none(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY exempts this host. An invalid entry exempts nothing."""
    _, entries = _exempt(environ)
    return any((pattern := _pattern(entry)) is not None and pattern.covers(host, port) for entry in entries)


def _read(name: str, written: str) -> Proxy:
    """Parse a proxy's address from the end, because a password may contain any delimiter. Raises BadProxy."""
    scheme, separator, rest = written.partition("://")
    if not separator:
        scheme, rest = "http", written
    scheme = scheme.lower()
    login, at, place = rest.rpartition("@")
    user, _, password = login.partition(":")
    register(unquote(password))
    if scheme not in _SCHEMES:
        raise BadProxy(f"its scheme is none of {', '.join(sorted(_SCHEMES))}")
    host, port = _place(re.split(r"[/?#]", place, maxsplit=1)[0])
    return Proxy(scheme, host, port, unquote(user) if at else "", unquote(password) if at else "", name)


def _place(text: str) -> tuple[str, int]:
    bracketed = _BRACKETED.fullmatch(text)
    host, port = (bracketed[1], bracketed[2] or "") if bracketed else (text.partition(":")[0], text.partition(":")[2])
    if bracketed and _network(host) is None:
        raise BadProxy("its brackets have no IPv6 address")
    if not host or not (bracketed or _NAME.fullmatch(host)):
        raise BadProxy("it has no host that can be read")
    if port and not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise BadProxy("its port is not a number from 1 to 65535 (is there a # or / in the password? write %23, %2F)")
    return host, int(port or 0)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One entry of NO_PROXY: a network, or a name including its subdomains. ``port`` 0 means any."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    name: str
    port: int

    def covers(self, host: str, port: int) -> bool:
        if self.port not in (0, port):
            return False
        if self.name == "*":
            return True
        bare = host.strip("[]").lower().rstrip(".")
        if self.network is not None:
            address = _network(bare)
            return address is not None and address.version == self.network.version and address.network_address in self.network
        return bare == self.name or bare.endswith("." + self.name)


def _exempt(environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """The NO_PROXY variable that is set, and its entries."""
    name = next((each for each in EXEMPT if environ.get(each, "").strip()), EXEMPT[-1])
    return name, [entry for entry in re.split(r"[,\s]+", environ.get(name, "")) if entry]


def _pattern(entry: str) -> _Pattern | None:
    """Parse an entry of NO_PROXY, None for an invalid one."""
    if entry == "*":
        return _Pattern(None, "*", 0)
    if bracketed := _BRACKETED.match(entry):
        rest = entry[bracketed.end() :]  # [fd00::]/8
        network = _network(bracketed[1] + rest)
        return _Pattern(network, "", int(bracketed[2] or 0)) if network is not None and len(bracketed[2] or "") < 6 else None
    if (network := _network(entry)) is not None:
        return _Pattern(network, "", 0)
    name, colon, port = entry.partition(":")
    if (colon and not (port.isascii() and port.isdecimal() and len(port) < 6)) or not _NAME.fullmatch(name):
        return None
    address = _network(name)  # 10.0.0.1:8080
    return _Pattern(address, name.lower().lstrip("*").strip("."), int(port or 0))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.partition("%")[0] if "/" not in text else text, strict=False)
    except ValueError:
        return None


def in_words(environ: Mapping[str, str], *, socks: bool) -> Iterator[tuple[str, bool]]:
    """For ``pmtui doctor``: lines about proxies, and whether each is all right."""
    found = proxies_of(environ, socks=socks)
    if found.proxy is not None:
        yield f"{found.proxy.variable}: through the proxy {found.proxy.shown}", True
    for problem in found.problems:
        yield f"{problem}; it is ignored", False
