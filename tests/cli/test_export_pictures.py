"""Pictures and files of exported texts: loaded where the key may, named where not, looked after by ``verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pmtui.cli.launching import variables_of
from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
HERE, GONE, PRIVATE = "/api/v2/images/0f1e", "/api/v2/images/gone", "https://10.1.2.3/graph.png"


def test_pictures_are_loaded_where_the_key_may_and_named_where_not(shell: Shell, tmp_path: Path) -> None:
    with Sandbox(incidents=4, switches={"datadog.search_lag": "0"}) as sandbox:
        shell.environ.update(variables_of("datadog", sandbox.url))
        shown = "\n".join(f"![graph]({address})" for address in (HERE, GONE, PRIVATE))
        reference = shell.json("incidents", "--limit", "1")["incidents"][0]["reference"]
        text = f"## Summary\n\n{shown}\n"
        assert shell.run("edit", reference, "--cell", "1", "--file", "-", stdin=text).returncode == 0
        asked = serve_pictures(sandbox)
        folder = tmp_path / "out"
        done = shell.run("export", reference, str(folder), "--pictures")
        assert done.returncode == 14, done.stderr
        assert f"1 of 3 pictures and files loaded, 2 could not be; {folder}/.pmtui/manifest.json names the others" in done.stderr
        found = attachments(folder)
        assert (folder / found[HERE]["file"]).read_bytes() == PICTURE
        assert found[GONE]["file"] == "" and found[GONE]["why"].startswith("not loaded: ")
        assert found[PRIVATE]["why"] == "not loaded: its host is not on the public internet"

        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        again = shell.run("export", reference, str(folder), "--pictures")
        assert "0 new, 0 changed, 1 unchanged" in again.stderr and again.returncode == 14, again.stderr
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        assert asked.count(HERE) == 1, "what lies here already is not asked for"
        assert shell.run("verify", str(folder), "--exported-only").returncode == 0

        # what was not asked for is named, and no failure
        one = f"## Summary\n\n![graph]({HERE}) ![graph]({PRIVATE})\n"
        assert shell.run("edit", reference, "--cell", "1", "--file", "-", stdin=one).returncode == 0
        done = shell.run("export", reference, str(folder), "--json")
        assert done.returncode == 0 and "1 of 2 pictures and files loaded;" in done.stderr, done.stderr
        assert json.loads(done.stdout)["attachments"] == {"loaded": 1, "named": 1, "failed": 0}
        (folder / found[HERE]["file"]).write_bytes(PICTURE + b"x")
        assert "a picture or file of the text, was changed" in shell.run("verify", str(folder), "--exported-only").stdout


def serve_pictures(sandbox: Sandbox) -> list[str]:
    """Let the API's host have one picture; the paths that are asked for."""
    service, asked = sandbox.datadog, list[str]()
    handles, refusal, respond = service.handles, service.refusal, service.respond

    def lets_in(head: Request) -> Response | None:
        return None if head.path.startswith("/api/v2/images/") and head.headers.get("dd-api-key") else refusal(head)

    def answer(request: Request) -> Response:
        if not request.path.startswith("/api/v2/images/"):
            return respond(request)
        asked.append(request.path)
        return Response(200, PICTURE, (("content-type", "image/png"),)) if request.path == HERE else Response(404, b"{}")

    service.handles = lambda path: path.startswith("/api/v2/images/") or handles(path)  # type: ignore[method-assign]
    service.refusal, service.respond = lets_in, answer  # type: ignore[method-assign]
    return asked


def attachments(folder: Path) -> dict[str, dict[str, Any]]:
    (document,) = json.loads((folder / ".pmtui/manifest.json").read_text("utf-8"))["documents"]
    return {each["address"]: each for each in document["attachments"]}
