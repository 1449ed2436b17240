"""The HTTP client where no answer comes at all: no name, no listener, wrong certificates, proxies, bad addresses."""

from __future__ import annotations

import asyncio
import math
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http import client as client_module
from pmtui.backends.http.client import Client, segment
from pmtui.backends.http.limiter import family_of, route_of
from pmtui.config import ConfigError
from tests.backends.loopback import answer, loopback
from tests.backends.test_http import Plain, client
from tests.patience import PATIENCE


def over_tls(url: str, ca_file: str = "") -> Client:
    return Client(url, vendor="Test", credentials=dict, dialect=Plain(), ca_file=ca_file, deadline=PATIENCE, backoff=0.01)


async def error_of(http: Client, method: str = "GET") -> BackendError:
    with pytest.raises(BackendError) as caught:
        await http.call(method, "/x", tried="try it")
    await http.aclose()
    assert not caught.value.unknown
    return caught.value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate and its key for localhost, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    made = tmp_path / "cert.pem"
    options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(made), "-out", str(made)]
    subprocess.run([openssl, "req", "-x509", *options, *files], check=True, capture_output=True)
    return made


async def test_a_refused_connection_is_named_and_tried_again_even_for_a_write() -> None:
    http = client(f"http://127.0.0.1:{free_port()}")
    error = await error_of(http, "POST")
    assert (error.trouble, "refused the connection" in error.said) == (Trouble.OFFLINE, True)
    assert len(http.records) == 3


async def test_what_is_asked_next_does_not_wait_for_the_same_connection_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "DOWN", math.inf)
    port = free_port()
    http = client(f"http://127.0.0.1:{port}")
    for _ in range(3):
        with pytest.raises(BackendError) as caught:
            await http.call("GET", "/x", tried="open it")
        assert "refused the connection" in caught.value.said
    assert len(http.records) == 3, "the first call's attempts, and no more"
    monkeypatch.setattr(client_module, "DOWN", 0)
    async with loopback(port=port) as site:
        site.on("GET", "/x", answer(200, {}))
        assert (await http.call("GET", "/x", tried="open it")).status == 200
    await http.aclose()


async def test_a_name_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    error = await error_of(over_tls("https://no-such-host.invalid"))
    assert error.trouble is Trouble.OFFLINE
    assert "no-such-host.invalid" in error.said


async def test_tls_a_certificate_of_nobody_is_refused_and_ca_file_trusts_it(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with loopback(context) as site:
        site.on("GET", "/x", answer(200, {"a": 1}))
        address = site.url.replace("127.0.0.1", "localhost")
        error = await error_of(over_tls(address))
        assert (error.trouble, "TLS to localhost" in error.said, "ca_file" in error.advice) == (Trouble.OFFLINE, True, True)
        wrong_name = await error_of(over_tls(site.url, str(certificate)))
        assert "TLS to 127.0.0.1" in wrong_name.said
        http = over_tls(address, str(certificate))
        assert (await http.call("GET", "/x", tried="try it")).data == {"a": 1}
        await http.aclose()


async def test_ssl_cert_file_counts(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with loopback(context) as site:
        site.on("GET", "/x", answer(200, {}))
        http = over_tls(site.url.replace("127.0.0.1", "localhost"))
        assert (await http.call("GET", "/x", tried="try it")).status == 200
        await http.aclose()


async def test_tls_spoken_to_a_server_that_speaks_none() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400))
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    error = await error_of(over_tls(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    server.close()
    assert (error.trouble, "TLS" in error.said) == (Trouble.OFFLINE, True)


async def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path / "text.pem"):
        if path.name == "text.pem":
            path.write_text("no certificate")
        error = await error_of(over_tls("https://127.0.0.1:1", str(path)))
        assert "ca_file" in error.said
        assert str(path) in error.said


async def test_a_proxy_that_wants_a_login_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback() as site:
        site.on("CONNECT", ".*", answer(407, body=b"login"))
        monkeypatch.setenv("HTTPS_PROXY", site.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        error = await error_of(over_tls("https://api.example.com"), "POST")
    assert (error.trouble, "proxy" in error.said, "HTTPS_PROXY" in error.advice) == (Trouble.OFFLINE, True, True)
    assert "x-key" not in site.seen[0].headers


async def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example:70")
    error = await error_of(over_tls("https://api.example.com"))
    assert (error.trouble, "proxy" in error.said) == (Trouble.OFFLINE, True)


async def test_a_proxy_that_is_down_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:s3cret@127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    error = await error_of(over_tls("https://api.example.com"))
    assert "through the proxy 127.0.0.1:" in error.said
    assert "s3cret" not in error.message


async def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    async with loopback() as site:
        site.on("GET", "/x", answer(200, {}))
        http = client(site.url)
        answered = await http.call("GET", "/x", tried="try it")
        await http.aclose()
        assert answered.status == 200 and [each.path for each in site.seen] == ["/x"]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.datadoghq.com",
        "ftp://x",
        "api.datadoghq.com",
        "",
        "https://[::1",
        "https://user:s3cret@api.example.com",
        "https://user:s3cret@[oops",
        "https:user:s3cret@h",
        "https://u:s3cret/x@h",
    ],
)
def test_addresses_that_would_show_the_keys_are_refused(url: str) -> None:
    with pytest.raises(BackendError) as caught:
        client(url)
    assert caught.value.trouble is Trouble.LOCAL
    assert "s3cret" not in caught.value.message


async def test_credentials_that_cannot_be_had_are_an_error_of_ours() -> None:
    def credentials() -> Mapping[str, str]:
        raise ConfigError("the command pass ended with 1")

    http = Client("https://127.0.0.1:1", vendor="Test", credentials=credentials, dialect=Plain())
    error = await error_of(http)
    assert error.trouble is Trouble.CREDENTIALS
    assert "the command pass ended with 1" in error.said


def test_importing_and_constructing_loads_no_httpx() -> None:
    code = "import sys; from pmtui.backends.http.client import Client; print('httpx' in sys.modules, 'pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_foreign_text_stays_one_segment_of_a_path() -> None:
    assert segment("a/b?c#d e") == "a%2Fb%3Fc%23d%20e"
    assert segment("..") == "%2E%2E"


def test_families_are_hosts_and_words() -> None:
    assert route_of("GET", "h", "/api/v2/incidents/6f1/attachments?a=b") == "GET h/api/v2/incidents/*/attachments"
    for path, family in {
        "/api/v2/incidents/6f1/attachments": "h/api/v2/incidents",
        "/api/v1/notebooks/12": "h/api/v1/notebooks",
        "/v1/incidents/8c-1/timeline": "h/v1/incidents",
    }.items():
        assert family_of(route_of("GET", "h", path)) == family
