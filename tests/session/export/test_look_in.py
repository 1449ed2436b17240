"""Ids hidden in whatever people have: all are found, and nothing else."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import os
import quopri
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.opsgenie.incidents import postmortems_named_in
from pmtui.sandbox.opsgenie.state import stable_id
from pmtui.session.export.look_in import look_in
from pmtui.session.export.readings import readings
from pmtui.store import searched_files

HOST = "https://acme.app.eu.opsgenie.com"


def address(identifier: str) -> str:
    return f"{HOST}/reports/post-mortem/{identifier}/detail"


def ids(first: int, count: int) -> list[str]:
    return [stable_id("postmortem", number) for number in range(first, first + count)]


def others() -> str:
    """Ids of everything else, and addresses that lead to no postmortem."""
    incident, alert = stable_id("incident", 1), stable_id("alert", 1)
    return (
        f"{HOST}/incident/detail/{incident} {HOST}/alert/detail/{alert}/details {HOST}/reports/post-mortem/list p_{alert} "
        f"https://api.opsgenie.com/v1/incidents/{incident}/notes https://api.opsgenie.com/v2/postmortem …/post-mortem/ID/detail "
        f'{{"incidentId":"{incident}"}}'
    )


def page(wanted: list[str]) -> bytes:
    """The web's list as a browser saves it: links, and the state of the page as JSON in an attribute."""
    links = "".join(f'<li><a href="{address(each)}?tab=1&amp;x=2">Postmortem</a>' for each in wanted[::2])
    state = html.escape(json.dumps({"rows": [{"postmortemId": each, "id": stable_id("row", each)} for each in wanted[1::2]]}))
    slashes = "".join(f"<p>{address(each).replace('/', '&#x2F;')}" for each in wanted[:3])
    return f"<html>{others()}<ul>{links}</ul><div data-state='{state}'>{slashes}</html>".encode()


def har(wanted: list[str]) -> bytes:
    """A browser's recording: addresses of requests, bodies as JSON in JSON, bodies in base64."""
    third = len(wanted) // 3
    body = json.dumps({"data": [{"postmortemId": each} for each in wanted[:third]]})
    packed = base64.b64encode(json.dumps({"data": {"links": [address(each) for each in wanted[third : 2 * third]]}}).encode()).decode()
    entries: list[dict[str, object]] = [
        {"request": {"url": f"https://api.eu.opsgenie.com/v2/postmortem/{each}"}} for each in wanted[2 * third :]
    ]
    entries += [{"response": {"content": {"text": body}}}, {"response": {"content": {"encoding": "base64", "text": packed}}}]
    return json.dumps({"log": {"entries": entries, "comment": others()}}).encode()


def slack(wanted: list[str]) -> bytes:
    """An export of Slack: links in angle brackets with escaped slashes, and redirects with encoded addresses."""
    half = len(wanted) // 2
    messages = [{"text": f"done: <{address(each)}|postmortem of last night>"} for each in wanted[:half]]
    messages += [{"text": f"<https://slack-redir.net/link?url={quote(address(each), safe='')}&v=3>"} for each in wanted[half:]]
    return json.dumps([*messages, {"text": others()}]).replace("/", "\\/").encode()


def mail(wanted: list[str]) -> bytes:
    """Two mails: one in quoted-printable, whose lines break in the middle of ids, and one in base64."""
    half = len(wanted) // 2
    text = "".join(f"See {address(each)}?from=3Dmail for more.\n" for each in wanted[:half])
    packed = base64.encodebytes("\n".join(address(each) for each in wanted[half:]).encode())
    return b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(text.encode()) + b"\n--x\n\n" + packed


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_two_hundred_ids_in_a_page_a_har_a_chat_and_a_zip_are_found_and_nothing_else(tmp_path: Path) -> None:
    wiki = {"export/a.xml": f"<ac:link>{address(ids(160, 1)[0])}</ac:link>".encode(), "mail.eml": mail(ids(161, 19))}
    inner = zipped({"deep.txt": "\n".join(address(each) for each in ids(180, 10)).encode("utf-16")})
    (tmp_path / "page.html").write_bytes(page(ids(0, 50)))
    (tmp_path / "browser.har").write_bytes(har(ids(50, 60)))
    (tmp_path / "slack").mkdir()
    (tmp_path / "slack/2026-11-01.json").write_bytes(slack(ids(110, 50)))
    (tmp_path / "wiki.zip").write_bytes(zipped({**wiki, "inner.zip": inner, "log.gz": gzip.compress(address(ids(190, 1)[0]).encode())}))
    (tmp_path / "rest.json.gz").write_bytes(gzip.compress(page(ids(191, 9))))
    looked = look_in([tmp_path], postmortems_named_in)
    assert sorted(looked.ids) == sorted(ids(0, 200))
    assert (looked.files, looked.refused) == (5, ())


@pytest.mark.parametrize("write", [page, har, slack, mail])
def test_each_form_by_itself(tmp_path: Path, write: Callable[[list[str]], bytes]) -> None:
    (tmp_path / "file").write_bytes(write(ids(0, 12)))
    assert sorted(look_in([tmp_path / "file"], postmortems_named_in).ids) == sorted(ids(0, 12))


def test_what_lies_across_two_pieces_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searched_files, "PIECE", 700)
    monkeypatch.setattr(searched_files, "OVERLAP", 600)
    for name, write in {"page": page, "har": har, "slack": slack, "mail": mail}.items():
        (tmp_path / name).write_bytes(write(ids(0, 30)))
        assert set(look_in([tmp_path / name], postmortems_named_in).ids) == set(ids(0, 30)), name


def test_bombs_and_what_is_no_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searched_files, "SUSPICIOUS_FROM", 1 << 20)
    zeros = bytes(4 << 20)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(zeros))
    (tmp_path / "bomb.zip").write_bytes(zipped({"zeros": zeros}))
    nested = address(ids(0, 1)[0]).encode()
    for _ in range(7):
        nested = gzip.compress(nested)
    (tmp_path / "deep.gz").write_bytes(nested)
    (tmp_path / "cut.zip").write_bytes(zipped({"a": b"x" * 100})[:-30])
    (tmp_path / "cut.gz").write_bytes(gzip.compress(page(ids(0, 3)))[:40])
    os.mkfifo(tmp_path / "fifo")
    looked = look_in([tmp_path, tmp_path / "nowhere"], postmortems_named_in)
    assert [Path(each.name.partition(":")[0]).name for each in looked.refused] == [
        *("bomb.gz", "bomb.zip", "cut.gz", "cut.zip", "deep.gz", "fifo", "nowhere")
    ]
    assert looked.ids == ()


@given(st.lists(st.sampled_from(["json", "html", "percent"]), max_size=3), st.integers(0, 5))
def test_an_address_is_read_through_its_layers(layers: list[str], number: int) -> None:
    (identifier,) = ids(number, 1)
    text = f"<{address(identifier)}>"
    wrap: dict[str, Callable[[str], str]] = {"json": json.dumps, "html": html.escape, "percent": lambda each: quote(each, safe="")}
    for layer in layers:
        text = wrap[layer](text)
    assert {found for each in readings(f"{text}\n") for found in postmortems_named_in(each)} == {identifier}


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    for reading in readings(text):
        assert isinstance(reading, str)
