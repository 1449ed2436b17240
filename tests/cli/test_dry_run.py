"""``--dry-run``: the requests are those that the real command sends, and none is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pmtui.backends.base import Backend
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.registry import open_backend
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Of, Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes


def bare(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests without the ids of notebook cells, which the vendor makes anew at each reading."""
    for request in requests:
        attributes = request["body"]["data"]["attributes"] if "/notebooks/" in request["path"] else {}
        for cell in attributes.get("cells", ()):
            cell.pop("id", None)
    return requests


def sent(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The writes that the vendor got, as a dry run prints them."""
    found = [each for each in sandbox.requests if each["method"] != "GET"]
    return [{"method": each["method"], "path": each["path"], "body": json.loads(each["body"]) if each["body"] else None} for each in found]


def rehearsed(shell: Shell, sandbox: Sandbox, *words: str, stdin: str = "") -> dict[str, Any]:
    """What the dry run of a command prints, once the real command has sent the very same."""
    dry = shell.run(*words, "--dry-run", "--json", stdin=stdin)
    assert dry.returncode == 0, dry.stderr
    assert writes(sandbox) == []
    assert shell.json("drafts")["drafts"] == []
    planned: dict[str, Any] = json.loads(dry.stdout)
    assert (planned["dry_run"], planned["sent"], planned["changed"]) == (True, False, True)
    done = shell.run(*words, "--yes", "--json", stdin=stdin)
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout).keys() >= {"schema", "command", "reference", "document", "url", "changed", "sent", "verified"}
    return planned


@pytest.mark.parametrize(
    "words",
    [
        ("set", "title=Another title", "linked_issues+=https://tracker.example.com/browse/OPS-77"),
        ("edit", "--cell", "Impact", "--file", "-"),
    ],
)
def test_the_requests_are_those_of_the_save(online: Shell, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    command, *rest = words
    ref = with_postmortem(online)["reference"]
    planned = rehearsed(online, sandbox, command, ref, *rest, stdin="## Impact\n\nNobody was hit.\n")
    assert bare(planned["requests"]) == bare(sent(sandbox))
    assert [each["id"] for each in planned["changes"]] != []
    again = online.run(command, ref, *rest, "--dry-run", stdin="## Impact\n\nNobody was hit.\n")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "pmtui: nothing would change: the server has it already\n"


def test_what_frames_an_edit_of_a_published_postmortem_is_shown_too(shell: Shell, sandbox: Sandbox, of: Of) -> None:
    of("opsgenie")
    published = next(each for each in shell.json("incidents")["incidents"] if each["postmortem"] == "published")
    planned = rehearsed(shell, sandbox, "set", published["reference"], "title=Another title")
    assert planned["requests"] == sent(sandbox)
    assert [each["body"].get("status") for each in planned["requests"]] == ["draft", None, "published"]


def test_a_draft_of_another_edit_is_not_in_it(online: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    ref = with_postmortem(online)["reference"]
    for path in ("/api/v1/notebooks/*", "/v2/postmortem/*/*"):
        sandbox.fault(f"PUT {path} drop-before")
    assert online.run("edit", ref, "--cell", "Impact", "--file", "-", stdin="## Impact\n\nsecret words").returncode != 0
    sandbox.clear_faults()
    sandbox.requests.clear()
    planned = online.json("set", ref, "title=Another title", "--dry-run")
    assert "secret words" not in json.dumps(planned)
    assert online.run("set", ref, "title=Another title").returncode == 0
    assert planned["requests"] == sent(sandbox)


def test_creating_and_deleting(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    planned = rehearsed(online, sandbox, "delete", ref)
    (request,) = planned["requests"]
    assert request in sent(sandbox)
    sandbox.requests.clear()
    planned = rehearsed(online, sandbox, "create", ref)
    (request,) = planned["requests"]
    assert request == sent(sandbox)[0]
    assert "depends on the answer" in planned["notices"][0]


def test_for_people_it_is_a_diff_and_the_requests(one: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(one)["reference"]
    done = one.run("edit", ref, "--cell", "Impact", "--file", "-", "--dry-run", stdin="## Impact\n\nNobody was hit.\n")
    assert "  + Nobody was hit.\n" in done.stdout
    assert "PUT /" in done.stdout and '\n  {\n    "' in done.stdout
    assert done.stderr.endswith("pmtui: 1 change, 1 request; nothing was sent\n")
    assert not any(secret in done.stdout for name, secret in one.environ.items() if "KEY" in name)


def test_a_dry_run_works_where_nothing_may_be_written(one: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(one)["reference"]
    for words in (("set", ref, "title=Another title"), ("delete", ref)):
        assert one.json("--read-only", *words, "--dry-run")["requests"]
        assert one.run("--read-only", *words, "--yes").returncode == 9
    assert writes(sandbox) == []
    assert one.json("drafts")["drafts"] == []


def test_a_backend_that_does_not_refuse_is_not_asked_to_write(one: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot rehearse shows the line of its plan, and nothing else happens."""

    def careless(*given: Any) -> Backend:
        backend = open_backend(*given)
        backend.refuses_writes = False
        return backend

    ref = with_postmortem(one)["reference"]
    monkeypatch.setattr("pmtui.cli.context.open_backend", careless)
    for words in (("set", ref, "title=Another title"), ("delete", ref)):
        planned = one.json(*words, "--dry-run")
        assert len(planned["requests"]) == 1 and planned["requests"][0]["body"] is None
    assert writes(sandbox) == []
