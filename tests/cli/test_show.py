"""``show`` for people: times as they are said, action items as a table."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from pmtui.cli.commands.postmortem.show import print_for_people
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person, Task, Value

FORM = (Field("owner", Kind.PERSON, "Owner"), Field("ended", Kind.TIME, "Ended"), Field("action_items", Kind.TASKS, "Action items"))


def test_times_and_action_items_read_as_in_the_form(capsys: pytest.CaptureFixture[str]) -> None:
    began = datetime.now(UTC) - timedelta(hours=2, minutes=1)
    long = "Write down what was found about the replica in zone c and its age, and how it came to be promoted first"
    tasks = (Task("1", "Fix the probe", ("@jane@corp.example",), "2020-01-01"), Task("2", long, (), "", done=True))
    values: dict[str, Value] = {"owner": Person("u", "Jane Doe", "jane@corp.example"), "ended": (began + timedelta(minutes=12)).isoformat()}
    incident = Incident("i", "IR-1", "Checkout", created=began)
    print_for_people(Postmortem(incident, "p", form=FORM, fields={**values, "action_items": tasks}))
    shown = capsys.readouterr().out
    assert re.search(r"(?m)^Ended +.*\d\d:\d\d UTC, 2 h ago, 12 min after the start$", shown), shown
    assert re.search(r"(?m)^Action items  ☐ Fix the probe +Jane Doe  2020-01-01  overdue$", shown), shown
    assert re.search(r"(?m)^ {14}☑ Write down .*\n {16}[a-z]", shown), shown
    assert re.sub(r"\s+", " ", long) in re.sub(r"\s+", " ", shown), "never cut"
    assert max(map(len, shown.splitlines())) <= 80, shown
    assert ".0" not in shown and "+00:00" not in shown
