"""``set`` for all that the form can: roles, action items with owner, date and state, times, several of one field."""

from __future__ import annotations

from datetime import date

import pytest

from pmtui.cli.editing.items import TaskWords, task_words, who_and_role
from pmtui.model.values import Task
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Of, Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("Fix it", TaskWords("Fix it")),
        ("Fix it @jane due:2026-12-01", TaskWords("Fix it", ("@jane",), (), "2026-12-01")),
        ("Fix it done:yes -@a @b@c.d  due:", TaskWords("Fix it", ("@b@c.d",), ("@a",), "", True)),
        ("Ask @jane what is due: now", TaskWords("Ask @jane what is due: now")),
        ("Get it done", TaskWords("Get it done")),
        ("Fix it due:+3d", TaskWords("Fix it", due="2026-11-30")),
        ("Fix it due:fri", TaskWords("Fix it", due="2026-12-04")),
        ("a due:2026-01-01 due:2026-01-02", TaskWords("a", (), (), "2026-01-02")),
    ],
)
def test_the_words_of_an_action_item(word: str, found: TaskWords) -> None:
    assert task_words(word, TODAY) == found


@pytest.mark.parametrize("word", ["@jane", "x due:someday", "", "done:yes"])
def test_words_that_are_no_action_item(word: str) -> None:
    with pytest.raises(ValueError):
        task_words(word, TODAY)


def test_what_is_not_said_of_an_action_item_stays() -> None:
    task = Task("1", "Fix it", ("@jane@x.y",), "2026-12-01", True)
    assert task_words("Fix it", TODAY).applied(task) == task
    assert task_words("Fix it @jane@x.y", TODAY).applied(task) == task, "an owner is not there twice"
    assert task_words("Fix it -@Jane@x.y due: done:no", TODAY).applied(task) == Task("1", "Fix it")


def test_a_role_stands_in_parentheses() -> None:
    assert who_and_role("Jane Doe (Scribe)") == ("Jane Doe", "Scribe")
    assert who_and_role("Jane Doe") == ("Jane Doe", "")
    assert who_and_role("(Scribe)") == ("(Scribe)", "")


def test_roles_are_set_and_changed(shell: Shell, sandbox: Sandbox, of: Of) -> None:
    of("opsgenie")
    ref = with_postmortem(shell)["reference"]
    before = {each["name"]: each for each in shell.json("show", ref)["fields"]["responders"]}
    done = shell.run(
        "set", ref, "responders+=Lena Fischer (Scribe),Jane Doe (Operations)", "responders-=Mara López (Communication Officer)"
    )
    assert done.returncode == 0, done.stderr
    after = {each["name"]: each["role"] for each in shell.json("show", ref)["fields"]["responders"]}
    assert after == {
        **{name: each["role"] for name, each in before.items() if name != "Mara López"},
        "Lena Fischer": "Scribe",
        "Jane Doe": "Operations",
    }
    assert shell.run("set", ref, "responders~=Jane Doe (Incident Commander)").returncode == 0
    assert shell.run("set", ref, "responders~=Noor Haddad (Scribe)").returncode == 8, "who is not there cannot be changed"


def test_roles_are_refused_where_there_are_none(shell: Shell, sandbox: Sandbox, of: Of) -> None:
    of("datadog")
    done = shell.run("set", with_postmortem(shell)["reference"], "responders+=Lena Fischer (Scribe)")
    assert (done.returncode, writes(sandbox)) == (8, [])
    assert "roles cannot be set here; write 'Lena Fischer'" in done.stderr


def test_action_items_have_owner_date_and_state(shell: Shell, of: Of) -> None:
    of("datadog")
    ref = with_postmortem(shell)["reference"]
    before = shell.json("show", ref)["fields"]["action_items"]
    first = before[0]["text"]
    words = ["action_items+=Fix the probe @mara due:2026-12-01", f"action_items~={first} done:yes", f"action_items-={before[1]['text']}"]
    done = shell.run("set", ref, *words)
    assert done.returncode == 0, done.stderr
    after = {each["text"]: each for each in shell.json("show", ref)["fields"]["action_items"]}
    assert after.keys() == {each["text"] for each in before} - {before[1]["text"]} | {"Fix the probe"}
    assert after["Fix the probe"]["assignees"] == ["@mara.lopez@example.com"]
    assert after["Fix the probe"]["due"].startswith("2026-12-01")
    assert after[first]["done"] is True and after[first]["assignees"] == before[0]["assignees"]
    assert shell.run("set", ref, *words[1:2]).stderr == "pmtui: nothing to change: the server has it already\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["action_items~=Nothing of that name done:yes"], 8, "is not in the list"),
        (["action_items+=Fix it due:someday"], 8, "due:someday is not a day such as 2026-12-01"),
        (["action_items+=Fix it @a"], 8, "match: "),
        (["owner=example"], 8, "no match"),  # everybody's domain is nobody's name
        (["owner=ne"], 8, "2 match: Inês Carvalho"),
        (["linked_issues~=x"], 2, "~= changes people and action items"),
        (["title=a", "title=b"], 2, "title is set twice"),
        (["customer_impact_start=soon"], 8, "is not a time such as"),
    ],
)
def test_what_cannot_be_is_said(shell: Shell, sandbox: Sandbox, of: Of, words: list[str], code: int, said: str) -> None:
    of("datadog")
    done = shell.run("set", with_postmortem(shell)["reference"], *words)
    assert done.returncode == code and said in done.stderr, done.stderr
    assert writes(sandbox) == []


def test_a_time_without_an_offset_is_utc(shell: Shell, of: Of) -> None:
    of("datadog")
    ref = with_postmortem(shell)["reference"]
    planned = shell.json("set", ref, "customer_impact_start=2026-11-22 03:10", "--dry-run")
    assert planned["requests"][0]["body"]["data"]["attributes"]["customer_impact_start"] == "2026-11-22T03:10:00Z"


def test_options_may_stand_anywhere(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    for words in (["status", ref, "--dry-run", "resolved"], ["set", "--dry-run", ref, "title=x"], ["set", ref, "title=x", "--dry-run"]):
        assert online.run(*words).returncode == 0
