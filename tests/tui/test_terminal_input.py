"""The terminal's input in the running program, under a pty: it lives through all bytes, and the text is the one that was typed."""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.session.recovery import replayed
from pmtui.store.drafts import Drafts
from tests.bench.slow_line import at_once, over_the_line, packets, typed_keys
from tests.bench.terminal_input import ANSWERS, noise, silent
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen
from tests.tui.headless_program import IN_A_CELL
from tests.tui.terminal_user import environment
from tests.tui.user import QUICK, User, using


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


PATIENT = """
import sys
from pmtui.tui.terminal.setup import prepare
prepare()
from pmtui.tui.terminal import decoder
decoder.SILENCE = decoder.LONGEST = 3600.0
from pmtui.cli.main import main
sys.exit(main())
"""
"""The program, which waits for the rest of a sequence however long a busy machine takes between its two parts."""


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., PtyScreen]]:
    """Starts the program in this test's home, in the first cell of a postmortem."""
    started: list[PtyScreen] = []

    def start(*argv: str, **more: str) -> PtyScreen:
        env = {**environment("datadog", sandbox.url, tmp_path / "home"), **more}
        started.append(PtyScreen([*(argv or (sys.executable, "-m", "pmtui")), "--profile", "datadog", "IR-338"], env=env))
        started[-1].wait_for(IN_A_CELL)
        return started[-1]

    yield start
    for screen in started:
        screen.close()


def first_cell(home: Path) -> str:
    """The text of the first cell in the draft, "" while there is none."""
    drafts = Drafts(home / "state" / "pmtui")
    return "".join(replayed(drafts.read(info)).mine.cells[0].text for info in drafts.list())


def typed_into(screen: PtyScreen, tmp_path: Path, mark: str = "zqend") -> str:
    """What was typed behind the text that was there, or behind the mark before, once all of it is on disk. It gets a mark at its end."""
    screen.send(mark)
    screen.wait_for(mark)
    end = time.monotonic() + PATIENCE
    while not (text := first_cell(tmp_path / "home")).endswith(mark):  # the disk may be slower than the screen waits for it
        assert time.monotonic() < end, text
        screen.read(0.05)
    return re.split(r"abc-def-ghi\)\.|zqend\d?", text.removesuffix(mark))[-1]


def test_pastes_are_typed_and_no_sequence_is(start: Callable[..., PtyScreen], tmp_path: Path) -> None:
    """Reports, unknown sequences, bytes that are no UTF-8; whole, and in two parts with a pause between them."""
    screen, rng = start(sys.executable, "-c", PATIENT), random.Random(3)
    screen.send("\r\x1b[200~- one\r- two\r\n  - \x1b[31mdeep\x1b[106;5uend\x1b[20")
    screen.read(0.15)
    screen.send("1~\rkeys work\r")
    screen.wait_for("␛\\[31mdeep")
    screen.wait_for("keys work")
    assert typed_into(screen, tmp_path, "zqend1") == "\n> - one\n- two\n  - \x1b[31mdeep\nend\nkeys work\n"
    words = []
    for number in range(200):
        data = rng.choice((*ANSWERS, silent(rng), silent(rng), b"\x1b[97;1:3u", b"\xff"))
        words.append(f"w{number} ")
        screen.send(words[-1])
        cut = rng.randrange(2, len(data)) if len(data) > 2 else 0  # ESC alone for a while is the escape key
        send_bytes(screen, data[:cut])
        if number % 20 == 0:
            screen.read(0.15)
        send_bytes(screen, data[cut:])
        screen.read(0.002)
    screen.settle()
    assert typed_into(screen, tmp_path) == "".join(words)


def send_bytes(screen: PtyScreen, data: bytes) -> None:
    if data:
        os.write(screen._fd, data)


SINK = """
from pmtui.tui.terminal.setup import prepare
prepare()
from textual.widgets import Static
from pmtui.tui.terminal.app import ThinApp

class Sink(ThinApp):
    ENABLE_COMMAND_PALETTE = False
    typed = ""

    def compose(self):
        yield Static("ready", markup=False)

    async def on_key(self, event):
        self.take(event.character or "")

    def on_paste(self, event):
        self.take(event.text)

    def take(self, text):
        self.typed = (self.typed + "".join(filter(str.isprintable, text)))[-60:]
        self.query_one(Static).update(self.typed)

    def action_help_quit(self):  # ctrl+c is a key like any other here: no toast lies over the text
        pass

Sink().run()
"""


def test_noise_does_not_end_it() -> None:
    """Random bytes are keys, too: here all are taken, but for ctrl+q. Then text is taken as before."""
    rng = random.Random(5)
    with PtyScreen([sys.executable, "-c", SINK]) as screen:
        screen.wait_for("ready")
        for _ in range(40):
            for _ in range(50):
                send_bytes(screen, noise(rng).replace(b"\x11", b""))
            screen.read(0.02)
        number, last = 0, time.monotonic() + PATIENCE
        while number == 0 or f"word {number}" not in screen.text:
            assert time.monotonic() < last, screen.text
            number += 1
            screen.send(f"word {number} ")
            end = time.monotonic() + 1.1  # an unfinished sequence at the end of the noise takes what comes within a second
            while f"word {number}" not in screen.text and time.monotonic() < end:
                screen.read(0.1)
        screen.send("the end is typed")
        screen.wait_for("the end is typed")


def test_a_paste_that_never_ends(start: Callable[..., PtyScreen], tmp_path: Path) -> None:
    screen = start()
    screen.send("\r\x1b[200~it never ends")
    screen.wait_for("it never ends")
    screen.send("\r- one\r- two\r  - deep\n\tx")
    screen.wait_for("  - deep")
    assert typed_into(screen, tmp_path) == "\n> it never ends\n- one\n- two\n  - deep\n\tx"


def test_what_is_typed_is_text_and_commands_are_commands(start: Callable[..., PtyScreen], tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '\\033[c\\033[>c\\033]11;?\\007\\033[6n' >/dev/tty\nsleep 0.2\n")
    editor.chmod(0o700)
    screen = start(EDITOR=str(editor))
    # A list that is typed goes on.
    for key in ("\r", "\r", *"- one", "\r", *"two"):
        screen.send(key)
        screen.settle(0.02)
    assert typed_into(screen, tmp_path, "zqend1") == "\n\n- one\n- two"
    # What Python does not call printable is typed.
    text = "a\u00a0b\u3000c 👩\u200d🚒 e\u0301"
    screen.send(text)
    assert typed_into(screen, tmp_path, "zqend2") == text
    # Answers to what the editor asked come late: it has gone by then.
    screen.send("before ")
    screen.wait_for("before")
    shown = screen.output.count(b"\x1b[?1049h")
    screen.send("\x05")
    end = time.monotonic() + PATIENCE
    while screen.output.count(b"\x1b[?1049h") == shown:
        assert time.monotonic() < end and screen.read(0.1)
    screen.settle(0.3)
    for answer in ANSWERS:
        send_bytes(screen, answer)
        screen.read(0.02)
    screen.send("after")
    screen.wait_for("after")
    assert typed_into(screen, tmp_path, "zqend3") == "before after"
    # Shortcuts in another layout.
    screen.send("\x1b[1099;1;1099u \x1b[113;1;64u")
    screen.wait_for("ы @")
    screen.send("\x1b[1099;5u")
    screen.wait_for("enter send")
    screen.send("\x1b[27u")
    screen.wait_for("nothing was sent")
    # Commands behind text, and text behind commands, in one packet.
    screen.send(" a line\rand another line of text\x1bOQ")
    screen.wait_for(r"(?m)^ Details ")
    screen.send("\x1b[27u")
    screen.wait_for(IN_A_CELL)
    screen.settle()
    screen.send("\x1415:00\rPaged by hand")
    screen.wait_for("15:00 Paged by hand")
    screen.send("\x07\x1b[H\r\x1b[1;5F")
    screen.wait_for("cell 1 of")
    screen.send("\rtyped and saved\rat once\x13")
    screen.wait_for("enter send")
    screen.wait_for("d whole")
    screen.send("d")
    screen.wait_for(r"typed and saved\s")


def test_textuals_switches_do_nothing(start: Callable[..., PtyScreen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    log = tmp_path / "log"
    switches = {"DEBUG": "1", "LOG": str(log), "DRIVER": "nowhere:Driver", "PRESS": "ctrl+q", "SCREENSHOT": "1", "SLOW_THRESHOLD": "1"}
    screen = start(**{f"TEXTUAL_{name}": value for name, value in switches.items()}, TEXTUAL_ALLOW_SIGNALS="1", TEXTUAL_SHOW_RETURN="1")
    screen.send("typed \x03")
    screen.wait_for("typed")
    assert typed_into(screen, tmp_path) == "typed "
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


@pytest.mark.long
async def test_the_text_is_the_one_that_was_typed_over_a_slow_line(sandbox: Sandbox, tmp_path: Path) -> None:
    """Few keys and short delays, as many keys to a read as on a slow line; `tests.bench.slow_line` types 2,000."""
    keys = typed_keys(100, seed=4)
    arriving = list(packets(keys, gap=0.006, delay=0.03, jitter=0.06, seed=4))
    assert len(arriving) < len(keys) / 2
    found = over_the_line(tmp_path / "line", sandbox.url, arriving)
    assert found == await at_once(tmp_path / "home", sandbox, keys)


async def test_letters_that_are_commands_work_in_another_layout(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where nobody types: о is j, the key below. In the filter it is a letter."""
    async with using(tmp_path / "home", sandbox, "datadog") as user:
        await row_below(user, "j")
        await row_below(user, "о")
        await user.filter("о")
        await user.shows("/ ?о")


async def row_below(user: User, key: str) -> None:
    await user.shows(r"read \d\d:\d\d")
    before = user.references.index(user.current.reference)
    await user.press(key)
    assert user.references.index(user.current.reference) == before + 1
