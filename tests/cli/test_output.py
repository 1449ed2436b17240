from __future__ import annotations

import io
import json

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing import output
from pmtui.cli.printing.plain import incident_json, markdown_of, postmortem_json, value_json
from pmtui.display import width
from pmtui.model.postmortem import Cell, CellKind
from pmtui.model.values import Link, Named, Person
from tests.store.disks import INCIDENT, POSTMORTEM


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_columns_line_up_whatever_is_in_them() -> None:
    rows = [
        ("IR-1", "Jane", "plain"),
        ("IR-22", "結帳チーム", "wide"),
        ("#3", "👩‍👩‍👧 family", "joined"),
        ("", "e\u0301\u0301", "marks"),
        ("a\x1b[2Jb", "x\ty\n", "evil"),
    ]
    out = Terminal()
    output.print_table(("REF", "OWNER", "TITLE"), rows, out)
    lines = out.getvalue().splitlines()
    starts = {width(line[: line.index(last)]) for line, last in zip(lines, ["TITLE", *(row[2] for row in rows)], strict=True)}
    assert len(starts) == 1
    assert "\x1b" not in out.getvalue()
    pipe = io.StringIO()
    output.print_table(("REF", "OWNER", "TITLE"), rows, pipe)
    assert [line.count("\t") for line in pipe.getvalue().splitlines()] == [2] * 6, "a tab or line end of a stranger makes no column"
    assert "\x1b" not in pipe.getvalue()


def test_the_last_column_is_cut_on_a_terminal_only() -> None:
    long = [("IR-1", "語" * 200)]
    pipe, terminal = io.StringIO(), Terminal()
    output.print_table(("REF", "TITLE"), long, pipe)
    output.print_table(("REF", "TITLE"), long, terminal)
    assert "語" * 200 in pipe.getvalue()
    assert all(width(line) <= 80 for line in terminal.getvalue().splitlines())
    assert "…" in terminal.getvalue()


def test_a_line_is_broken_between_words_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"could not save: the server says\x1b[2J that {'a word ' * 20}https://example.com/{'x' * 90}"
    pipe, terminal = io.StringIO(), Terminal()
    output.print_line(f"  {said}", "+ ", pipe)
    output.print_line(f"  {said}", "+ ", terminal)
    assert pipe.getvalue().count("\n") == 1
    rows = terminal.getvalue().splitlines()
    assert len(rows) > 3 and all(width(row) <= 80 for row in rows[:-1]) and all(row.startswith("    ") for row in rows[1:])
    assert rows[0].startswith("+   could not save") and rows[-1] == f"    https://example.com/{'x' * 90}", "an address stays whole"
    assert " ".join(row.strip() for row in rows) == " ".join(pipe.getvalue().split()).replace("+ ", "+   ", 1)

    # each row of a line of a diff has the line's sign
    output.print_diff_line("-", f"  {said}", pipe := io.StringIO())
    output.print_diff_line("-", f"  {said}", terminal := Terminal())
    assert pipe.getvalue().startswith("  -   could not") and pipe.getvalue().count("\n") == 1
    rows = terminal.getvalue().splitlines()
    assert len(rows) > 3 and all(width(row) <= 80 for row in rows[:-1]) and all(row.startswith("  -   ") for row in rows)

    # notices and errors are told in the same way; what programs read is not
    output.say_plainly()  # an earlier command may have printed JSON
    for stream, many in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        output.say(said)
        assert (stream.getvalue().count("\n       ") > 1) is many and stream.getvalue().startswith("pmtui: could not")
    monkeypatch.setattr("sys.stderr", told := Terminal())
    output.say_error(said, ExitCode.USAGE, as_json=True)
    assert json.loads(told.getvalue())["error"]["message"] == said


def test_a_terminal_is_not_overrun_by_any_column() -> None:
    rows = [
        ("IR-1", "Oluwaseun Adeyemi-Bankole-Williams", "resolved", "in review", "A title of some length that has to be cut"),
        ("IR-2", "", "", "", ""),
    ]
    terminal = Terminal()
    output.print_table(("REF", "OWNER", "STATUS", "PM", "TITLE"), rows, terminal)
    lines = terminal.getvalue().splitlines()
    assert all(width(line) <= 80 for line in lines)
    assert "A title of some len…" in lines[1]
    assert "IR-1" in lines[1]


def test_json_is_ascii_and_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\x1b]52;c;x\x07 \x9b \u202e 結帳 \ud800"
    output.print_json({"text": text})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert "\x1b" not in printed
    assert json.loads(printed) == {"text": text}


def test_errors_of_strangers_are_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_error("server said \x1b[2J\nnext", ExitCode.SERVER, as_json=False)
    output.say_error("server said \x1b[2J", ExitCode.SERVER, as_json=True, request_id="r", status=0)
    plain, as_json = capsys.readouterr().err.splitlines()
    assert plain == "pmtui: server said ␛[2J␊next"
    assert json.loads(as_json) == {
        "schema": 1,
        "error": {"message": "server said \x1b[2J", "exit_code": 13, "kind": "server", "request_id": "r"},
    }


def test_the_schema_of_incidents() -> None:
    data = incident_json(INCIDENT)
    assert {"id", "reference", "title", "severity", "status", "owner", "created", "postmortem"} <= data.keys()
    assert data["created"] == "2026-02-03T00:00:00Z"


def test_the_schema_of_postmortems() -> None:
    data = postmortem_json(POSTMORTEM)
    assert (data["schema"], data["fields"]) == (1, {"title": "Checkout down"})
    assert data["cells"][0] == {"title": "Summary", "kind": "markdown", "text": "# Summary\n\nIt broke.\r\n"}


def test_values_as_json() -> None:
    assert value_json(None) is None
    assert value_json(("a", "b")) == ["a", "b"]
    assert value_json(Person("1", "Jane", "j@x", "IC")) == {"id": "1", "name": "Jane", "email": "j@x", "role": "IC"}
    assert value_json((Link("u", "t"), Named("1", "n"))) == [{"url": "u", "title": "t"}, {"id": "1", "name": "n"}]


def test_a_postmortem_as_markdown() -> None:
    cells = (Cell("1", "# A\n\ntext\n"), Cell("2", "graph: p99", CellKind.OPAQUE), Cell("3", ""), Cell("4", "\nend"))
    assert markdown_of(POSTMORTEM.with_cells(cells)) == "# A\n\ntext\n\n▦ graph: p99\n\nend\n"
