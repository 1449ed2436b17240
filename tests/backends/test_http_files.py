"""Pictures and files of a text: the key goes to its own host only, and no text has a host of one's own network asked."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from pmtui.backends.base import BackendError
from pmtui.backends.http import files, transport
from pmtui.backends.http.files import own_file, public_file
from pmtui.backends.http.transport import Reply, Sealed
from tests.backends.loopback import answer, loopback
from tests.backends.test_http import CANARY, client

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)


async def test_a_file_on_the_api_s_host_is_loaded_with_the_key() -> None:
    async with loopback() as site:
        site.on("GET", "/api/v2/images/7", answer(200, body=PICTURE, kind="image/png"))
        http = client(site.url)
        assert await own_file(http, "/api/v2/images/7?w=1&w2=") == PICTURE
        assert await own_file(http, f"{site.url}/api/v2/images/7") == PICTURE
        assert [seen.headers["x-key"] for seen in site.seen] == [CANARY, CANARY]
        assert site.seen[0].query == {"w": "1", "w2": ""}
        await http.aclose()


@pytest.mark.parametrize("address", ["https://elsewhere.example/x", "//elsewhere.example/x", "x.png", "", "http://[", "data:x"])
async def test_an_address_on_another_host_is_none_of_the_api_s(address: str) -> None:
    async with loopback() as site:
        http = client(site.url)
        assert await own_file(http, address) is None
        assert await own_file(http, f"https://{site.url.partition('//')[2]}/x") is None, "another scheme is another place"
        assert site.seen == []
        await http.aclose()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(200, body=b"<!doctype html><p>Log in", kind="text/html"), "a web page instead of a file"),
        (answer(200, body=b""), "the answer is empty"),
        (answer(404, body=b""), ""),
        (answer(302, headers={"location": "https://127.0.0.1:1/x"}), "not on the public internet"),
        (answer(302, headers={"location": "http://elsewhere.example/x"}), "only https addresses"),
        (answer(302), "not on the public internet"),
    ],
)
async def test_what_is_no_file_says_so(reply: bytes, said: str) -> None:
    async with loopback() as site:
        site.on("GET", "/x", reply)
        http = client(site.url)
        with pytest.raises(BackendError) as raised:
            await own_file(http, "/x")
        assert said in raised.value.said
        await http.aclose()


async def test_a_file_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST", 100)
    async with loopback() as site:
        site.on("GET", "/x", answer(200, body=PICTURE))
        http = client(site.url)
        with pytest.raises(BackendError, match="larger than"):
            await own_file(http, "/x")
        await http.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.7", "192.168.1.1:8443", "169.254.169.254", "[fd00::1]"])
async def test_no_host_of_one_s_own_network_is_asked(host: str) -> None:
    with pytest.raises(BackendError, match="not on the public internet"):
        await public_file(f"https://{host}/secret")


@pytest.mark.parametrize("address", ["http://example.com/x", "https://me:pw@example.com/x", "https://", "file:///etc/passwd", "https://[x"])
async def test_only_plain_https_addresses_are_asked(address: str) -> None:
    with pytest.raises(BackendError):
        await public_file(address)


class Answers:
    """In the place of connections: what was asked, and with which headers."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.status = status

    def __call__(self, host: str, **how: Any) -> Answers:
        return self

    async def exchange(self, method: str, url: str, params: object, body: object, auth: Sealed, deadline: float, limit: int) -> Reply:
        self.asked.append((method, url, auth._headers, limit))
        return Reply(self.status, {}, PICTURE)

    async def aclose(self) -> None: ...


async def test_a_public_file_is_asked_for_without_a_key_and_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Answers()
    monkeypatch.setattr(transport, "Transport", found)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 443))])
    assert await public_file("https://example.com/a.png?b=c") == PICTURE
    assert found.asked == [("GET", "https://example.com/a.png?b=c", {}, files.MOST)]
    found.status = 302
    with pytest.raises(BackendError, match="its host answered 302"):
        await public_file("https://example.com/a.png")
