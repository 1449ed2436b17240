"""Proxies: which one stands before a host, what of the environment is passed over, and that no password is shown."""

from __future__ import annotations

import base64

import pytest

from pmtui.backends.base import Trouble
from pmtui.backends.http.proxies import in_words, needs_none, proxies_of
from pmtui.backends.http.transport import SOCKS
from tests.backends.loopback import answer, loopback
from tests.backends.test_http_network import error_of, over_tls


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("written", "url", "username", "password"),
    [
        ("http://proxy.corp:3128", "http://proxy.corp:3128", "", ""),
        ("proxy.corp:3128", "http://proxy.corp:3128", "", ""),
        ("https://proxy.corp/", "https://proxy.corp", "", ""),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", "", ""),
        ("http://jane:p%40ss@proxy.corp:3128", "http://proxy.corp:3128", "jane", "p@ss"),
        ("http://jane:pa#ss/wo?rd@proxy.corp:3128", "http://proxy.corp:3128", "jane", "pa#ss/wo?rd"),
        ("http://jane:p@ss@proxy.corp:3128", "http://proxy.corp:3128", "jane", "p@ss"),
        ("http://jane@proxy.corp", "http://proxy.corp", "jane", ""),
        ("socks5h://proxy.corp:1080", "socks5h://proxy.corp:1080", "", ""),
    ],
)
def test_proxies_are_read(written: str, url: str, username: str, password: str) -> None:
    proxy = proxies_of({"HTTPS_PROXY": written}, socks=True).proxy
    assert proxy is not None
    assert (proxy.url, proxy.username, proxy.password) == (url, username, password)
    assert not password or password not in repr(proxy) + proxy.shown


@pytest.mark.parametrize(
    "written",
    [
        "gopher://user:canary@proxy.corp:70",
        "http://user:canary@proxy.corp:port",
        "http://user:canary@proxy.corp:99999",
        "http://user:canary@:3128",
        "http://user:canary@[oops]:3128",
        "http://user:canary",
        "http://user:canary@pro xy:1",
        "://canary@x:1",
        "socks5://user:canary@proxy.corp:1080",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_address(written: str) -> None:
    found = proxies_of({"HTTPS_PROXY": written}, socks=False)
    assert (found.proxy, found.wanted) == (None, True)
    assert found.problems[0].startswith("HTTPS_PROXY: ")
    assert "canary" not in "".join(found.problems)


def test_what_cannot_be_used_is_passed_over_where_something_else_can() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.corp:3128", "ALL_PROXY": "socks5h://other.corp:1080", "NO_PROXY": "fd00::/8,not/a/net"}
    found = proxies_of(environ, socks=False)
    assert found.proxy is not None and found.proxy.shown == "proxy.corp:3128"
    assert list(in_words(environ, socks=False)) == [
        ("HTTPS_PROXY: through the proxy proxy.corp:3128", True),
        ("ALL_PROXY: it is a SOCKS proxy, which needs an extra: pip install 'pmtui[socks]'; it is ignored", False),
        ("NO_PROXY: 'not/a/net' is not a host, address or network; it is ignored", False),
    ]
    bad = proxies_of({"https_proxy": "gopher://x", "ALL_PROXY": "http://proxy.corp:3128"}, socks=False)
    assert bad.proxy is not None and bad.proxy.variable == "ALL_PROXY"


@pytest.mark.parametrize(
    ("entries", "host", "port", "expected"),
    [
        ("example.com", "api.example.com", 443, True),
        (".example.com", "api.example.com", 443, True),
        ("*.example.com", "api.example.com", 443, True),
        ("example.com", "badexample.com", 443, False),
        ("EXAMPLE.com.", "api.example.COM", 443, True),
        ("a.b, example.com", "example.com", 443, True),
        ("a.b example.com", "example.com", 443, True),
        ("*", "example.com", 443, True),
        ("example.com:8443", "example.com", 443, False),
        ("example.com:8443", "example.com", 8443, True),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "11.1.2.3", 443, False),
        ("10.0.0.1", "10.0.0.1", 443, True),
        ("10.0.0.1:8443", "10.0.0.1", 8443, True),
        ("fd00::/8", "fd00::7", 443, True),
        ("fd00::/8", "fe00::7", 443, False),
        ("[fd00::7]", "fd00::7", 443, True),
        ("[fd00::7]:443", "fd00::7", 443, True),
        ("[fd00::7]:444", "fd00::7", 443, False),
        ("[fd00::]/8", "fd00::7", 443, True),
        ("::1", "::1", 443, True),
        ("[oops],[::1", "::1", 443, False),
        ("http://example.com", "example.com", 443, False),
        ("", "example.com", 443, False),
    ],
)
def test_hosts_that_need_no_proxy(entries: str, host: str, port: int, expected: bool) -> None:
    assert needs_none(host, port, {"NO_PROXY": entries}) is expected


async def test_a_usable_proxy_is_used_beside_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback() as site:
        site.on("CONNECT", ".*", answer(407, body=b"login"))
        monkeypatch.setenv("HTTPS_PROXY", site.url.replace("://", "://jane:pa#ss-canary@"))
        monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "[fd00::/8],fd00::/8,nonsense/")
        error = await error_of(over_tls("https://api.example.com"))
    sent = base64.b64encode(b"jane:pa#ss-canary").decode()
    assert site.seen[0].headers["proxy-authorization"] == f"Basic {sent}"
    assert "the proxy refused: 407" in error.said


async def test_a_proxy_that_repeats_its_password_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the reason of a refused CONNECT, plain and as the header has it."""
    password = "pa-ss-canary"
    sent = base64.b64encode(f"jane:{password}".encode()).decode()
    async with loopback() as site:
        site.on("CONNECT", ".*", f"HTTP/1.1 502 no {sent} for {password}\r\ncontent-length: 0\r\n\r\n".encode())
        monkeypatch.setenv("HTTPS_PROXY", site.url.replace("://", f"://jane:{password}@"))
        error = await error_of(over_tls("https://api.example.com"))
    assert (error.trouble, "the proxy refused" in error.said) == (Trouble.OFFLINE, True)
    assert password not in error.message
    assert base64.b64encode(f"jane:{password}".encode()).decode()[8:-2] not in error.message


@pytest.mark.skipif(SOCKS, reason="SOCKS can be spoken here")
async def test_socks_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://jane:canary@127.0.0.1:1080")
    error = await error_of(over_tls("https://api.example.com"))
    assert "pip install 'pmtui[socks]'" in error.said
    assert "canary" not in error.message
