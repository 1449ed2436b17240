"""``pmtui delete``: asks for the reference, removes once, and says what became of it."""

from __future__ import annotations

import json

import pytest

from pmtui.backends.http.limiter import LIMITER
from pmtui.sandbox.server import Sandbox
from pmtui.store.audit import Audit
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes
from tests.turns import every_vendor


def sandbox_has(sandbox: Sandbox, vendor: str, incident: str) -> bool:
    """Whether the vendor itself knows a postmortem of this incident."""
    if vendor == "opsgenie":
        return sandbox.opsgenie.state.postmortem_status(incident) != "no-postmortem"
    record = sandbox.datadog.state.incident(incident)
    return record is not None and any(each["attachment_type"] == "postmortem" for each in record["attachments"])


@every_vendor
def test_it_wants_the_reference_typed(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    incident = with_postmortem(online)
    for typed in ("", "yes\n", f"{incident['reference']}0\n"):
        done = online.at_terminal("delete", incident["reference"], stdin=typed)
        assert (done.returncode, writes(sandbox)) == (2, [])
        assert "cancelled: nothing was sent" in done.stderr
    done = online.at_terminal("delete", incident["reference"], stdin=f"{incident['reference']}\n")
    assert done.returncode == 0, done.stderr
    assert {"datadog": "its document stays", "opsgenie": "is deleted for good"}[vendor] in done.stderr
    assert not sandbox_has(sandbox, vendor, incident["id"])


def test_nobody_is_asked_without_a_terminal(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    for done in (online.run("delete", ref, stdin=f"{ref}\n"), online.at_terminal("delete", ref, "--no-input", stdin=f"{ref}\n")):
        assert (done.returncode, writes(sandbox)) == (2, [])
        assert "give --yes to agree" in done.stderr


@every_vendor
def test_with_yes_it_does_not_ask(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    incident = with_postmortem(online)
    done = online.run("delete", incident["id"], "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["removed"]["incident"] == incident["reference"]
    assert not sandbox_has(sandbox, vendor, incident["id"])
    deleted = [each for each in sandbox.requests if each["method"] == "DELETE" and "/details" not in each["path"]]
    assert len(deleted) == 1
    if vendor == "opsgenie":
        acting = next(user for user in sandbox.opsgenie.state.users.values() if user["username"] == online.environ["PMTUI_ACTOR"])
        assert json.loads(deleted[0]["body"]) == {"actorUserId": acting["id"], "deleteExportIncidentTimelines": False}
    (entry,) = Audit(online.home / ".local/state/pmtui").entries()
    assert (entry["incident"], entry["what"], entry["outcome"]) == (incident["reference"], "postmortem deleted", "done")
    assert entry["before"] and not entry["after"]
    again = online.run("delete", incident["id"], "--yes")
    assert again.returncode == 3
    assert incident["reference"] in again.stderr


def test_read_only_deletes_nothing(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    incident = with_postmortem(online)
    done = online.run("--read-only", "delete", incident["reference"], "--yes")
    assert (done.returncode, writes(sandbox)) == (9, [])
    assert sandbox_has(sandbox, vendor, incident["id"])


@pytest.mark.parametrize(
    ("fault", "code", "there"),
    [
        ("drop-after", 0, False),
        ("truncate", 0, False),
        ("503 first 1", 0, False),
        ("403", 4, True),
        ("drop-before", 11, True),
        ("html 404", 12, True),
        ("html 200", 11, True),
    ],
)
def test_a_lost_answer_is_settled(
    online: Shell, sandbox: Sandbox, vendor: str, fault: str, code: int, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    incident = with_postmortem(online)
    for path in ("/v2/postmortem/*", "/api/v2/incidents/*/attachments/*"):
        sandbox.fault(f"DELETE {path} {fault}")
    done = online.run("delete", incident["reference"], "--yes")
    assert done.returncode == code, done.stderr
    assert sandbox_has(sandbox, vendor, incident["id"]) is there


def test_what_was_accepted_and_not_done_is_not_done(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    incident = with_postmortem(online)
    for path in ("/v2/postmortem/*", "/api/v2/incidents/*/attachments/*"):
        sandbox.fault(f"DELETE {path} empty 204")
    done = online.run("delete", incident["reference"], "--yes")
    assert done.returncode in (19, 11)
    assert "done" not in done.stderr.splitlines()
    assert sandbox_has(sandbox, vendor, incident["id"])


@every_vendor
def test_what_is_left_over_of_a_deleted_one_is_said(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    if vendor != "opsgenie":
        pytest.skip("only an incident of Opsgenie names its postmortem")
    incident = with_postmortem(online)
    sandbox.fault("DELETE /v1/incidents/*/details 404")
    done = online.run("delete", incident["id"], "--yes")
    assert done.returncode == 0, done.stderr
    assert f"done · the postmortem is deleted, but {incident['reference']} still names it" in done.stderr
