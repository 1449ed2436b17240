"""The HTTP client over loopback: what it makes of every way in which an answer can go wrong."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

import pytest

from pmtui.backends.base import BackendError, Trouble, Waiting
from pmtui.backends.http.client import Client, Explained, seconds_told
from pmtui.credentials import ConfigError
from tests.backends.clock import Clock, Deadline
from tests.backends.loopback import Reply, answer, drip, hang_up, loopback
from tests.patience import PATIENCE
from tests.quiet import until

CANARY = "c4n4ry-s3cr3t"
TURNS = 500
"""Of the loop: more than a request needs that nothing holds back."""


class Plain:
    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> Explained:
        return Explained(body.decode("utf-8", "replace"))

    def wait(self, headers: Mapping[str, str]) -> float | None:
        return seconds_told(headers, "x-ratelimit-reset", "x-ratelimit-period-in-sec", "retry-after")


def client(url: str, *, read_only: bool = False, deadline: float = PATIENCE, limit: int = 2**20, concurrency: int = 4) -> Client:
    return Client(
        url,
        vendor="Test",
        credentials=lambda: {"X-Key": CANARY},
        dialect=Plain(),
        read_only=read_only,
        deadline=deadline,
        limit=limit,
        concurrency=concurrency,
        backoff=0.01,
    )


async def failure(reply: Reply, method: str = "GET", *, deadline: float = PATIENCE) -> BackendError:
    """The error that one constant answer leads to."""
    async with loopback() as site:
        site.on("*", "/x", reply)
        http = client(site.url, deadline=deadline)
        with pytest.raises(BackendError) as caught:
            await http.call(method, "/x", tried="try it", body=None if method == "GET" else {})
        await http.aclose()
    assert CANARY not in caught.value.message
    return caught.value


async def test_a_success_and_its_record() -> None:
    async with loopback() as site:
        site.on("GET", "/x", answer(200, {"a": [1, "ä"]}, {"X-Request-Id": "r1"}))
        http = client(site.url)
        got = await http.call("GET", "/x", tried="try it", params={"page[size]": 5, "q": "a b&c"})
        await http.aclose()
    assert (got.status, got.data, got.request_id) == (200, {"a": [1, "ä"]}, "r1")
    assert site.seen[0].query == {"page[size]": "5", "q": "a b&c"}
    assert site.seen[0].headers["x-key"] == CANARY
    assert site.seen[0].headers["accept-encoding"] == "gzip"
    assert [(each.method, each.status) for each in http.records] == [("GET", 200)]
    assert CANARY not in repr(list(http.records)) + repr(http)


@pytest.mark.parametrize(
    ("reply", "trouble", "words"),
    [
        (answer(200, body=b"<html><body>log in</body></html>"), Trouble.ANSWER, "web page"),
        (answer(404, body=b"<!DOCTYPE html><p>nope"), Trouble.ANSWER, "web page"),
        (answer(502, body=b"<html>bad gateway</html>"), Trouble.SERVER, "web page"),
        (answer(200, body=b'{"a": [1, 2'), Trouble.ANSWER, "truncated JSON"),
        (answer(200, body=b'{"a": "b'), Trouble.ANSWER, "truncated JSON"),
        (answer(200, body=b'{"a": x}'), Trouble.ANSWER, "not JSON"),
        (answer(200, body=b'{"a": NaN}'), Trouble.ANSWER, "not JSON"),
        (answer(200, body=b"[" * 200_000), Trouble.ANSWER, "nested"),
        (answer(200, body=b"1" * 6_000), Trouble.ANSWER, "not JSON"),
        (answer(200, body=b'{"a": "\xff\xfe"}'), Trouble.ANSWER, "UTF-8"),
        (answer(200, body=b'{"a": "\\ud800"}'), Trouble.ANSWER, "surrogate"),
        (answer(200, body=b" " * (2**20 + 1)), Trouble.ANSWER, "larger than 1 MiB"),
        (answer(200, None, {"content-encoding": "gzip"}, body=gzip.compress(b"0" * 5_000_000, 1)), Trouble.ANSWER, "larger than 1 MiB"),
        (answer(200, None, {"content-encoding": "gzip"}, body=gzip.compress(b'{"a": 1}' * 100)[:-12]), Trouble.ANSWER, "truncated"),
        (answer(200, None, {"content-encoding": "gzip"}, body=b"no gzip"), Trouble.ANSWER, "gzip"),
        (answer(200, None, body=b"\xef\xbb\xbf<!-- proxy -->\n<html>"), Trouble.ANSWER, "web page"),
        (answer(200, None, {"content-encoding": "br"}, body=b"x"), Trouble.ANSWER, "br"),
        (answer(302, None, {"location": "https://user:pw@evil.example/steal?x"}), Trouble.ANSWER, "redirects to evil.example"),
        (answer(307, None, {"location": "/other"}), Trouble.ANSWER, "redirects to 127.0.0.1"),
        (answer(400, body=b"bad title"), Trouble.INVALID, "bad title"),
        (answer(401, body=b"who"), Trouble.CREDENTIALS, "who"),
        (answer(403, body=b"no"), Trouble.RIGHTS, "no"),
        (answer(404, body=b"gone"), Trouble.MISSING, "gone"),
        (answer(405, body=b"not that way"), Trouble.ANSWER, "not that way"),
        (answer(407, body=b""), Trouble.OFFLINE, "proxy"),
        (answer(409, body=b"other"), Trouble.CONFLICT, "other"),
        (answer(413, body=b"large"), Trouble.INVALID, "large"),
        (answer(415, body=b"what"), Trouble.INVALID, "what"),
        (answer(422, body=b"how"), Trouble.INVALID, "how"),
        (answer(500, body=b""), Trouble.SERVER, "no reason given"),
        (answer(501, body=b"never"), Trouble.SERVER, "never"),
        (hang_up, Trouble.OFFLINE, "lost"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", Trouble.OFFLINE, "lost"),
        (b"SMTP ready\r\n\r\n", Trouble.OFFLINE, "lost"),
    ],
)
async def test_what_goes_wrong_is_named(reply: Reply, trouble: Trouble, words: str) -> None:
    if isinstance(reply, bytes) and (b"length: 100\r\n" in reply or reply.startswith(b"SMTP")):
        reply = _and_close(reply)
    error = await failure(reply)
    assert (error.trouble, words in error.said, error.unknown) == (trouble, True, False), error.message
    assert error.message.startswith("could not try it: ")


def _and_close(reply: bytes) -> Reply:
    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()
        writer.close()

    return play


async def test_one_deadline_for_a_dripping_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await failure(drip(0.02, Deadline(monkeypatch).strike), deadline=0.3)
    assert error.trouble is Trouble.TIMEOUT
    assert "within 0.3 s" in error.said


@pytest.mark.parametrize("reply", [hang_up, answer(500, body=b""), answer(200, body=b"{"), answer(200, body=b"<html>"), answer(408)])
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_write_whose_answer_is_lost_is_unknown(reply: Reply, method: str) -> None:
    error = await failure(reply, method)
    assert error.unknown
    assert "not known whether" in error.message and "try again" not in error.message


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_write_whose_answer_comes_too_late_is_unknown(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = await failure(drip(0.02, Deadline(monkeypatch).strike), method)
    assert error.unknown
    assert "not known whether" in error.message and "try again" not in error.message


@pytest.mark.parametrize("status", [302, 400, 403, 404, 409, 501])
async def test_a_write_that_was_refused_is_not_unknown(status: int) -> None:
    assert not (await failure(answer(status, body=b"no", headers={"location": "https://a.example"}), "POST")).unknown


@pytest.mark.parametrize(
    ("method", "first", "attempts"),
    [
        ("GET", answer(503), 2),
        ("PUT", answer(503), 2),
        ("DELETE", hang_up, 2),
        ("GET", hang_up, 2),
        ("GET", answer(429), 2),
        ("POST", answer(429, None, {"x-ratelimit-reset": "0"}), 2),
        ("PATCH", answer(429, None, {"retry-after": "0"}), 2),
        ("POST", answer(503), 1),
        ("PATCH", hang_up, 1),
        ("GET", answer(501), 1),
        ("GET", answer(404), 1),
    ],
)
async def test_what_is_tried_again(method: str, first: Reply, attempts: int) -> None:
    async with loopback() as site:
        site.on("*", "/x", first, answer(200, {}))
        http = client(site.url)
        if attempts == 2:
            await http.call(method, "/x", tried="try it")
        else:
            with pytest.raises(BackendError):
                await http.call(method, "/x", tried="try it")
        await http.aclose()
    assert len(site.seen) == attempts


async def test_attempts_end() -> None:
    async with loopback() as site:
        site.on("GET", "/x", answer(503))
        http = client(site.url)
        with pytest.raises(BackendError):
            await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert len(site.seen) == 5


async def test_a_delete_whose_answer_was_lost_and_then_finds_nothing_is_done() -> None:
    async with loopback() as site:
        site.on("DELETE", "/x", hang_up, answer(404))
        http = client(site.url)
        assert (await http.call("DELETE", "/x", tried="try it")).status == 204
        await http.aclose()


async def test_an_earlier_attempt_that_may_have_been_applied_keeps_the_outcome_unknown() -> None:
    async with loopback() as site:
        site.on("PUT", "/x", answer(500), answer(409, body=b"changed"))
        http = client(site.url)
        with pytest.raises(BackendError) as caught:
            await http.call("PUT", "/x", tried="try it", body={})
        await http.aclose()
    assert (caught.value.trouble, caught.value.unknown) == (Trouble.CONFLICT, True)


@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "X-RateLimit-Period-In-Sec", "Retry-After"])
async def test_waits_as_told_says_so_and_makes_others_wait(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Waiting] = []
    clock = Clock(monkeypatch)
    clock.goes_on.clear()
    async with loopback() as site:
        site.on("GET", "/api/v2/limited.*", answer(429, None, {name: "1"}), answer(200, {}))
        http = client(site.url)
        http.on_waiting(waits.append)
        first = asyncio.create_task(http.call("GET", "/api/v2/limited/1", tried="try it"))
        await clock.rests.wait()
        clock.rests.clear()
        second = asyncio.create_task(http.call("GET", "/api/v2/limited/2", tried="try it"))
        await clock.rests.wait()
        assert len(site.seen) == 1, "the second waits before it asks"
        clock.goes_on.set()
        await asyncio.gather(first, second)
        await http.aclose()
    assert len(site.seen) == 3
    assert len(waits) == 2 and all(1 < each.seconds <= 1.1 for each in waits), "a little later than told"


async def test_a_busy_server_may_say_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Waiting] = []
    Clock(monkeypatch)
    async with loopback() as site:
        site.on("GET", "/x", answer(503, None, {"Retry-After": "7"}), answer(200, {}))
        http = client(site.url)
        http.on_waiting(waits.append)
        await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert len(waits) == 1 and 7 < waits[0].seconds <= 7.1


async def test_keys_are_read_once_and_afresh_after_they_are_rejected() -> None:
    read: list[dict[str, str]] = []
    rejected: list[bool] = []

    def keys() -> dict[str, str]:
        read.append({"x-key": f"key-number-{len(read)}"})
        return read[-1]

    async with loopback() as site:
        site.on("GET", "/x", answer(200, {}))
        http = Client(site.url, vendor="Test", credentials=keys, dialect=Plain(), rejected=lambda: rejected.append(True))
        await asyncio.gather(*(http.call("GET", "/x", tried="try it") for _ in range(3)))
        assert len(read) == 1, "requests side by side ask a password command once"
        site.on("GET", "/x", answer(401, body=b"who"), answer(200, {}))
        with pytest.raises(BackendError):
            await http.call("GET", "/x", tried="try it")
        assert rejected == [True]
        await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert [each.headers["x-key"] for each in site.seen] == ["key-number-0"] * 4 + ["key-number-1"]


async def test_requests_side_by_side_share_a_reading_of_the_keys_that_fails() -> None:
    attempts, let_go = 0, threading.Event()

    def keys() -> dict[str, str]:
        nonlocal attempts
        attempts += 1
        assert let_go.wait(PATIENCE)
        if attempts == 1:
            raise ConfigError("the password command failed")
        return {"x-key": "found"}

    async with loopback() as site:
        site.on("GET", "/x", answer(200, {}))
        http = Client(site.url, vendor="Test", credentials=keys, dialect=Plain())
        asking = [asyncio.create_task(http.call("GET", "/x", tried=f"try {number}")) for number in range(4)]
        await until(lambda: attempts)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        asking[0].cancel()  # who began it gives up: the others go on waiting for it
        await asyncio.wait(asking[:1])
        let_go.set()
        await asyncio.wait(asking)
        failures = [each.exception() for each in asking[1:]]
        assert attempts == 1 and asking[0].cancelled()
        assert [isinstance(each, BackendError) and (each.trouble, each.tried, each.said) for each in failures] == [
            (Trouble.CREDENTIALS, f"try {number}", "the password command failed") for number in (1, 2, 3)
        ]
        await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert attempts == 2 and [each.headers["x-key"] for each in site.seen] == ["found"]


async def test_the_last_request_of_a_period_makes_the_next_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Waiting] = []
    Clock(monkeypatch)
    async with loopback() as site:
        site.on("GET", "/api/v2/counted", answer(200, {}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}))
        http = client(site.url)
        http.on_waiting(waits.append)
        await http.call("GET", "/api/v2/counted", tried="try it")
        assert not waits
        await http.call("GET", "/api/v2/counted", tried="try it")
        await http.aclose()
    assert len(waits) == 1


async def test_who_must_wait_for_long_is_told_at_once() -> None:
    error = await failure(answer(429, None, {"retry-after": "86400"}, body=b"slow down"))
    assert (error.trouble, error.said) == (Trouble.LIMITED, "slow down")
    assert "86400 s" in error.advice


def test_waits_in_seconds_and_dates() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=60)
    assert seconds_told({"a": "3"}, "a") == 3
    assert seconds_told({"a": "3", "b": "5"}, "a", "b") == 5
    assert 55 < (seconds_told({"a": format_datetime(soon, usegmt=True)}, "a") or 0) <= 60
    assert 55 < (seconds_told({"a": str(int(soon.timestamp()))}, "a") or 0) <= 61
    assert seconds_told({"a": "soon", "b": "-1", "c": "nan"}, "a", "b", "c", "d") is None


async def test_concurrency_is_limited() -> None:
    running, goes_on = asyncio.Queue[None](), asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        running.put_nowait(None)
        await goes_on.wait()
        writer.write(answer(200, {}))
        await writer.drain()

    async with loopback() as site:
        site.on("GET", "/x", slow)
        http = client(site.url, concurrency=2, deadline=PATIENCE)
        calls = [asyncio.create_task(http.call("GET", "/x", tried="try it")) for _ in range(6)]
        await running.get()
        await running.get()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert running.empty(), "a third waits until one is done"
        goes_on.set()
        await asyncio.gather(*calls)
        await http.aclose()
    assert len(site.seen) == 6


async def test_cancelling_ends_the_request() -> None:
    async with loopback() as site:
        asked = asyncio.Event()

        async def silence(writer: asyncio.StreamWriter) -> None:
            asked.set()
            await asyncio.Event().wait()

        site.on("GET", "/x", silence)
        http = client(site.url)
        task = asyncio.create_task(http.call("GET", "/x", tried="try it"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert http.records[-1].note == "cancelled"
        await http.aclose()


async def test_read_only_sends_no_write() -> None:
    async with loopback() as site:
        site.on("*", "/x", answer(200, {}))
        http = client(site.url, read_only=True)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with pytest.raises(BackendError) as caught:
                await http.call(method, "/x", tried="try it")
            assert caught.value.trouble is Trouble.READ_ONLY
        await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert site.calls() == ["GET /x"]


async def test_text_that_cannot_be_sent_is_refused_before_sending() -> None:
    http = client("https://api.example.com")
    for body in ({"a": "\ud800"}, {"a": float("inf")}):
        with pytest.raises(BackendError) as caught:
            await http.call("POST", "/x", tried="try it", body=body)
        assert caught.value.trouble is Trouble.LOCAL


async def test_gzip_may_be_padded_with_zeros() -> None:
    async with loopback() as site:
        packed = gzip.compress(b'{"a": ') + gzip.compress(b"1}") + bytes(700)
        site.on("GET", "/x", answer(200, None, {"content-encoding": "gzip"}, body=packed))
        http = client(site.url)
        assert (await http.call("GET", "/x", tried="try")).data == {"a": 1}
        await http.aclose()


@pytest.mark.parametrize("form", [CANARY, quote(CANARY + "/"), json.dumps({"key": CANARY})])
async def test_a_key_that_the_server_repeats_is_not_shown(form: str) -> None:
    error = await failure(answer(403, body=f"wrong key {form}".encode(), headers={"x-request-id": f"r-{CANARY}"}))
    assert CANARY not in repr(error.said) + error.request_id
    assert "wrong key" in error.said and "***" in error.said


async def test_a_wait_of_nothing_burns_no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback() as site:
        site.on("GET", "/x", answer(429, None, {"x-ratelimit-reset": "0"}))
        http = Client(site.url, vendor="Test", credentials=dict, dialect=Plain(), backoff=1.0)
        told: list[Waiting] = []
        http.on_waiting(told.append)
        Clock(monkeypatch)
        with pytest.raises(BackendError):
            await http.call("GET", "/x", tried="try it")
        await http.aclose()
    assert [round(each.seconds) for each in told][:3] == sorted(round(each.seconds) for each in told)[:3]
    assert told[-1].seconds > 2


async def test_buckets_are_those_that_the_vendor_names(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    bucket = {"x-ratelimit-name": "search", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}
    async with loopback() as site:
        site.on("GET", "/api/v2/things/.*", answer(200, {}))
        site.on("GET", "/api/v2/things/(search|seek)", answer(200, {}, {"x-ratelimit-name": "search"}))
        http = client(site.url)
        told: list[Waiting] = []
        http.on_waiting(told.append)
        await http.call("GET", "/api/v2/things/seek", tried="try it")
        site.on("GET", "/api/v2/things/search", answer(200, {}, bucket))
        await http.call("GET", "/api/v2/things/search", tried="try it")
        await http.call("GET", "/api/v2/things/12", tried="try it")
        assert not told
        await http.call("GET", "/api/v2/things/seek", tried="try it")
        assert len(told) == 1
        await http.aclose()


async def test_nobody_sits_out_a_long_wait() -> None:
    async with loopback() as site:
        site.on("GET", "/x", answer(200, {}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "3600"}))
        http = client(site.url)
        told: list[Waiting] = []
        http.on_waiting(told.append)
        await http.call("GET", "/x", tried="try it")
        site.on("GET", "/x", answer(429, None, {"x-ratelimit-reset": "3600"}))
        for _ in range(2):
            with pytest.raises(BackendError) as caught:
                await http.call("GET", "/x", tried="try it")
            assert caught.value.trouble is Trouble.LIMITED
        await http.aclose()
    assert not told
