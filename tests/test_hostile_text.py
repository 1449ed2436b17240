"""Text from outside is text: in every screen and every command, no byte of it moves the cursor, and it shows as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.hostile import ALL, LITERAL, PAYLOADS, leaks, poison
from tests.pty_screen import KEYS, PtyScreen
from tests.tui.headless_program import environment
from tests.tui.user import QUICK, VENDORS

NARROW, WIDE = (80, 24), (150, 40)
SHOWN = r"\[/b\]\[@click=app\.bell\]x\[/\]"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=QUICK) as sandbox:
        poison(sandbox)
        yield sandbox


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "home").mkdir()
    return Shell(tmp_path / "home")


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def program(home: Path, variables: dict[str, str], *words: str, size: tuple[int, int] = WIDE) -> PtyScreen:
    shell = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "COLUMNS": str(size[0]), "LINES": str(size[1])}
    argv = [sys.executable, "-m", "pmtui", *words]
    return PtyScreen(argv, columns=size[0], rows=size[1], env={**shell, **environment(home, variables)})


def back(user: PtyScreen) -> None:
    user.press("escape")
    user.settle(0.25)  # escape alone is known after a tenth of a second


def close_dialog(user: PtyScreen) -> None:
    """Leave the dialog, if there is one."""
    user.settle(0.15)
    while "╰" in user.text:
        back(user)


def assert_clean(screen: PtyScreen) -> None:
    assert list(leaks(bytes(screen.output))) == []


def test_the_scanner_finds_every_payload() -> None:
    """The other tests mean something only because of this."""
    assert list(leaks(b"\x1b[?1049h\x1b[1;31mplain\x1b[2J\x1b[3;4H")) == []
    for name, payload in PAYLOADS.items():
        if name != "markup":
            assert list(leaks(b"before " + payload.encode() + b" after")), name


@pytest.mark.parametrize(("vendor", "size", "every"), [pytest.param("datadog", NARROW, 1, marks=pytest.mark.long), ("opsgenie", WIDE, 2)])
def test_the_screens(sandbox: Sandbox, vendor: str, tmp_path: Path, size: tuple[int, int], every: int) -> None:
    variables = dict(variables_of(vendor, sandbox.url))
    with program(tmp_path / "home", variables, "--profile", vendor, size=size) as user:
        user.wait_for(rf"▌.*{SHOWN}")
        for key, shown in (("f1", "esc back"), ("f12", "since the start"), ("w", "Profile"), ("ctrl+p", "leave pmtui")):
            user.press(key)
            user.wait_for(shown)
            back(user)
        user.press("/")
        user.settle()
        user.type("x[/][red")  # what is in the line matches the titles
        user.wait_for(SHOWN)
        back(user)
        user.wait_for("s sort")
        user.send("\r")
        user.wait_for(r"cell \d+ of \d+ · line \d+")
        in_a_postmortem(user, every)
        reviewed(user, sandbox, vendor)
        user.press("ctrl+q")
        user.wait_for("unsaved change")
        user.press("k")
        user.wait_exit()
        assert_clean(user)


def in_a_postmortem(user: PtyScreen, every: int) -> None:
    """The document, its help and preview, all rows of the form, and the dialog that every n-th of them opens."""
    assert "␛]0;pwned␇" in user.text
    for key, shown in (("f1", "esc back"), ("f3", "esc")):
        user.press(key)
        user.wait_for(shown)
        back(user)
        user.wait_for(r"cell \d+ of \d+")
    user.press("f2")
    user.wait_for("Details|▾")
    for row in range(18):
        user.press("down")
        if row % every == 0 and ("▾" in user.text or "add" in user.text):
            user.press("enter")
            close_dialog(user)
    close_dialog(user)
    while "Details" in user.text.splitlines()[0]:
        close_dialog(user)  # one that was slow to come
        user.press("f2")
        user.settle(0.5)
    user.press("ctrl+down")
    user.send(KEYS["ctrl+up"] * 12)  # out of the form, where it stands beside the document, and to the first cell
    user.wait_for(r"cell 1 of \d+")


def reviewed(user: PtyScreen, sandbox: Sandbox, vendor: str) -> None:
    """A change to hostile text in the review; the server's hostile refusal of it; somebody else's change to the same."""
    user.type(f"mine {LITERAL[0]} ")
    user.press("ctrl+s")
    user.wait_for("enter send")
    user.press("d")
    assert_clean(user)
    back(user)
    user.wait_for("nothing was sent")
    sandbox.fault("PUT * edit")
    rewrite(sandbox, vendor)
    user.press("ctrl+s")
    user.wait_for(r"Both changed[\s\S]*theirs")
    back(user)
    user.wait_for("nothing was sent")


def rewrite(sandbox: Sandbox, vendor: str) -> None:
    """Somebody else writes another hostile text into every cell and document."""
    if vendor == "datadog":
        for notebook in sandbox.datadog.state.notebooks():
            for cell in notebook["cells"]:
                definition = cell["attributes"]["definition"]
                if definition.get("type") == "markdown":
                    definition["text"] = f"{definition['text'].splitlines()[0]}\n\ntheirs {ALL}"
    else:
        for postmortem in sandbox.opsgenie.state.postmortems.values():
            paragraph = {"type": "paragraph", "content": [{"type": "text", "text": f"theirs {ALL}"}]}
            postmortem["executiveSummary"] = {"type": "doc", "version": 1, "content": [paragraph]}


def test_every_command(sandbox: Sandbox, vendor: str, shell: Shell, tmp_path: Path) -> None:
    shell.environ = {"COLUMNS": str(WIDE[0]), "LINES": str(WIDE[1]), **variables_of(vendor, sandbox.url)}
    reference = "IR-316" if vendor == "datadog" else "#8"
    text = tmp_path / "text.md"
    text.write_text(f"a new text {ALL}")
    commands = (
        ("incidents",),
        ("incidents", "--json"),
        ("show", reference),
        ("show", reference, "--json"),
        ("set", reference, f"title={ALL}"),
        ("set", reference, f"severity={ALL}"),
        ("set", reference, f"{ALL}=1"),
        ("set", reference, f"responders+={ALL}"),
        ("edit", reference, "--cell", ALL, "--file", str(text)),
        ("edit", reference, "--cell", "1", "--file", str(text)),
        ("edit", reference, "--cell", "1", "--file", str(tmp_path / ALL.replace("\0", "").replace("/", "")[:80])),
        ("drafts",),
        ("drafts", "show", reference),
        ("drafts", "show", ALL.replace("\0", "")),
        ("recover",),
        ("doctor",),
        ("show", ALL.replace("\0", "")),
        ("incidents", "--query", ALL.replace("\0", "")),
        ("incidents", f"--{ALL.replace(chr(0), '')}"),
        ("help", ALL.replace("\0", "")),
    )
    for words in commands:
        done = shell.at_terminal(*(word.replace("\0", "") for word in words), "--profile", vendor)
        assert "Traceback" not in done.stderr, words
        assert done.stdout or done.stderr or words[0] in ("drafts", "recover"), words
        assert list(leaks((done.stdout + done.stderr).encode("utf-8", "surrogateescape"))) == [], words


def test_errors_of_the_server_show_as_they_are(vendor: str, tmp_path: Path) -> None:
    """The words of a refusal are foreign, too: in the list, at the command line, in the log of requests."""
    with Sandbox(incidents=3, switches=QUICK) as sandbox:
        half = sandbox.datadog if vendor == "datadog" else sandbox.opsgenie
        failing = half.failure

        def hostile(request: object, status: int) -> object:
            answer = failing(request, status)  # type: ignore[arg-type]
            body = answer.body.replace(b"Bad Request", _json(ALL)).replace(b"Malformed request", _json(ALL))
            assert body != answer.body
            return type(answer)(answer.status, body, answer.headers)

        half.failure = hostile  # type: ignore[method-assign,assignment]
        sandbox.fault("* * 400")
        variables = dict(variables_of(vendor, sandbox.url))
        with program(tmp_path / "home", variables, "--profile", vendor) as user:
            user.wait_for(SHOWN)
            user.press("f12")
            user.wait_for(rf"400 [\s\S]*{SHOWN}")
            assert_clean(user)
        with program(tmp_path / "home", variables, "incidents", "--profile", vendor) as run:
            assert run.wait_exit() == 8
            run.wait_for(SHOWN)
            assert_clean(run)


def _json(text: str) -> bytes:
    import json

    return json.dumps(text)[1:-1].encode()


def test_the_first_start_and_a_wrong_configuration(tmp_path: Path) -> None:
    """A configuration is the user's own, and may have been pasted."""
    home = tmp_path / "home"
    with program(home, {}) as user:
        user.wait_for("nothing is configured yet")
        assert_clean(user)
    folder = home / "config" / "pmtui"
    folder.mkdir(parents=True)
    name = "".join(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}" for char in ALL)
    (folder / "config.toml").write_text(f'[profiles."{name}"]\nvendor = "{name}"\n')
    for words in ((), ("incidents",), ("doctor",), ("--profile", "x")):
        with program(home, {}, *words) as user:
            user.settle(1.0, 6)
            assert "Traceback" not in user.text
            assert_clean(user)
