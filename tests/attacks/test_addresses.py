"""No address can send a key to another host: not one that is configured, pasted, or that an answer names."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from pmtui.backends.base import BackendError
from pmtui.backends.datadog.account.site import site_of
from pmtui.backends.http.client import Client, segment
from pmtui.backends.opsgenie.errors import OpsgenieDialect
from pmtui.backends.registry import VENDORS
from pmtui.cli.launching import SANDBOXED
from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.turns import in_turn


class Evil:
    """Somebody else's server on this computer: it counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def evil() -> Iterator[Evil]:
    there = Evil()
    yield there
    there.close()


BASES = (
    "http://127.0.0.1:{good}@127.0.0.1:{evil}",
    "http://127.0.0.1:{evil}#@127.0.0.1:{good}",
    "http://127.0.0.1:{evil}?x=@127.0.0.1:{good}",
    "http://127.0.0.1:{evil}\\@127.0.0.1:{good}",
    "http://user:key@127.0.0.1:{evil}",
    "http://0.0.0.0:{evil}",
    "http://2130706433:{evil}",
    "http://0x7f000001:{evil}",
    "http://0177.0.0.1:{evil}",
    "http://127.1:{evil}",
    "http://127.0.0.1.:{evil}",
    "http://127。0。0。1:{evil}",
    "http://127.0.0.１:{evil}",
    "http://localhost.evil.example:{evil}",
    "http://localhost.:{evil}",
    "http://127.0.0.1.evil.example:{evil}",
    "http://[::ffff:10.0.0.1]:{evil}",
    "http://[::]:{evil}",
    "http://[fe80::1]:{evil}",
    "http://10.0.0.1:{evil}",
    "http://127.0.0.1:{evil}\r\nHost: evil.example",
    "http://127.0.0.1%2f@evil.example:{evil}",
    "http://evil.example:{evil}/127.0.0.1",
    "http:127.0.0.1:{evil}",
    "//127.0.0.1:{evil}",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{evil}",
    "http://127.0.0.1:{evil}:80",
    "http://127.0.0.1:99999",
    "http://[127.0.0.1]:{evil}",
)


@pytest.mark.parametrize("vendor", in_turn(SANDBOXED))
@pytest.mark.parametrize("address", BASES)
def test_a_base_url_that_is_not_what_it_looks_like(online: Shell, sandbox: Sandbox, vendor: str, evil: Evil, address: str) -> None:
    good = sandbox.url.split(":")[2].partition("/")[0]
    base = address.format(good=good, evil=evil.port)
    done = online.run("incidents", **{VENDORS[vendor].url: base})
    assert done.returncode == 2, done.stdout + done.stderr
    assert evil.visits == 0
    assert "key@" not in done.stderr


def client(base: str) -> Client:
    return Client(base, vendor="V", credentials=dict, dialect=OpsgenieDialect(""))


def test_plain_http_goes_to_an_address_not_to_a_name() -> None:
    """What this computer means by localhost is not asked for: a file can say it, or a name server."""
    for base in ("http://localhost:8080/x", "http://LOCALHOST:8080/x"):
        assert client(base).host == "127.0.0.1:8080"
        assert "localhost" not in repr(client(base)).lower()
    assert client("https://localhost:8080").host == "localhost:8080", "a certificate says who it is"
    with pytest.raises(BackendError):
        client("http://localhost.evil.example")


SITES = (
    "datadoghq.com@evil.example",
    "user:pass@datadoghq.com",
    "datadoghq.com#.evil.example",
    "datadoghq.com?.evil.example",
    "datadoghq.com\\.evil.example",
    "datadoghq.com\r\nHost: evil.example",
    "datadoghq.com%2f.evil.example",
    "datadoghq。com",
    "datadoghq．com",
    "datadoghq.com:x@evil.example",
    "datadoghq.com .evil.example",
    "datadoghq.com\x00.evil.example",
    "data\u212aoghq.example\u017f",
    "[::1]",
    "..",
    "datadoghq",
    "datadoghq.com:443:1",
)


@pytest.mark.parametrize("site", SITES)
def test_a_site_that_is_no_host(shell: Shell, site: str) -> None:
    with pytest.raises(ValueError, match="site"):
        site_of(site)
    if "\0" not in site:
        done = shell.run("incidents", DD_API_KEY="k" * 32, DD_APP_KEY="k" * 40, DD_SITE=site)
        assert done.returncode == 2, done.stderr


@pytest.mark.parametrize(
    "site", ["datadoghq.eu", "https://app.datadoghq.eu/incidents?x=1#y", "US5", "ddog.corp.example", "datadoghq.com/../evil.example"]
)
def test_the_api_is_on_the_site(site: str) -> None:
    found = site_of(site)
    address = httpx.URL(found.api)
    assert address.host == f"api.{found.site}" and address.scheme == "https" and not address.userinfo
    assert "evil" not in found.api


REFS = (
    "../../v1/users",
    "..%2f..%2fv1%2fusers",
    "..",
    ".",
    "IR-1/../../../api/v1/validate",
    "x?limit=100#y",
    "%2e%2e/%2e%2e",
    "x%0d%0aHost: evil",
    "x\r\nHost: evil.example",
    "http://127.0.0.1:{evil}/incidents/1",
    "http://127.0.0.1:{evil}/notebook/1",
    "https://evil.example@127.0.0.1:{evil}/incidents/../../x",
    "http://127.0.0.1:{evil}/incident/detail/x",
    "http://127.0.0.1:{evil}/reports/post-mortem/..%2f..%2fx",
    "//127.0.0.1:{evil}/incidents/1",
    "file:///etc/passwd",
)
_PATHS = re.compile(r"/api/v2/(incidents|notebooks|users|current_user|services|teams)|/api/v[12]/(notebooks|org|validate)|/v[12]/")


@pytest.mark.parametrize("ref", REFS)
def test_a_reference_leads_nowhere_else(online: Shell, sandbox: Sandbox, evil: Evil, ref: str) -> None:
    since = len(sandbox.requests)
    for command in ("show", "pull", "delete"):
        done = online.run(command, ref.format(evil=evil.port), *(["--yes"] if command == "delete" else []))
        assert done.returncode in (2, 3, 8), (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
    assert evil.visits == 0
    for each in sandbox.requests[since:]:
        assert _PATHS.match(each["path"]), each["path"]
        assert each["method"] == "GET" and "Host: evil" not in str(each["headers"])


@pytest.mark.parametrize("text", ["..", ".", "a/b", "a?b", "a#b", "a%2fb", "\r\n", "a b", "é", "@", "a\\b", "..;/"])
def test_foreign_text_is_one_segment_of_a_path(text: str) -> None:
    url = httpx.URL(f"https://api.example/v1/incidents/{segment(text)}/notes")
    assert url.host == "api.example" and not url.query and not url.fragment
    assert url.raw_path.count(b"/") == 4 and b"/../" not in url.raw_path and b"\r" not in url.raw_path


@contextmanager
def every_address(sandbox: Sandbox, address: str) -> Iterator[None]:
    """Every address in an answer is this one, and there is a next page at it."""
    planted = address.encode()

    def spoil(response: Response) -> Response:
        body = re.sub(rb'"https?://[^"]*"', b'"' + planted + b'"', response.body)
        return replace(
            response,
            body=re.sub(rb'^\{(?="data")', b'{"paging": {"next": "' + planted + b'"}, "links": {"next": "' + planted + b'"}, ', body),
        )

    with pytest.MonkeyPatch.context() as patch:
        for service in (sandbox.datadog, sandbox.opsgenie):

            def respond(request: Request, real: object = service.respond) -> Response:
                assert callable(real)
                return spoil(real(request))

            patch.setattr(service, "respond", respond)
        yield


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{evil}/notebook/1",
        "http://127.0.0.1:{evil}/v1/incidents?offset=100",
        "https://127.0.0.1:{evil}/incidents/1",
        "http://api.example@127.0.0.1:{evil}/x",
        "//127.0.0.1:{evil}/x",
    ],
)
def test_an_address_in_an_answer_is_not_followed(online: Shell, sandbox: Sandbox, evil: Evil, address: str) -> None:
    ref = online.json("incidents")["incidents"][0]["reference"]
    with every_address(sandbox, address.format(evil=evil.port)):
        for words in (
            ("incidents",),
            ("show", ref),
            ("set", ref, "title=Another title", "--yes"),
            ("pull", ref, str(online.home / "x.md")),
        ):
            done = online.run(*words)
            assert "Traceback" not in done.stderr, done.stderr
    assert evil.visits == 0


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_a_redirect_is_not_followed(online: Shell, sandbox: Sandbox, evil: Evil, status: str) -> None:
    def elsewhere(_request: Request) -> Response:
        return Response(int(status), b"", (("location", f"http://127.0.0.1:{evil.port}/"),))

    with pytest.MonkeyPatch.context() as patch:
        for service in (sandbox.datadog, sandbox.opsgenie):
            patch.setattr(service, "respond", elsewhere)
        done = online.run("incidents")
    assert done.returncode not in (0, 70)
    assert evil.visits == 0
