"""Textual's driver for terminal input: reads bytes, decodes them, and posts the events.

Textual's own reader loses, leaks and dies of some input: a paste whose bracket is split, invalid UTF-8, late answers. It also
wakes up ten times a second to see whether it should end; this one sleeps until there is something to do.
"""

from __future__ import annotations

import os
import select
import termios
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textual import constants, events, messages
from textual.message import Message

from pmtui.tui.terminal import kept_frame
from pmtui.tui.terminal.decoder import Decoder, Event, Focus, ModeReport, Mouse, Pasted
from pmtui.tui.terminal.keys import Pressed
from pmtui.tui.terminal.setup import remembered
from pmtui.tui.textual_internals import OpenDriver

if TYPE_CHECKING:
    from textual.app import App

_CHUNK = 1 << 16
_SYNCHRONISED_OUTPUT = 2026
_ALTERNATE_KEYS = "\x1b[=4;2u"
"""kitty keyboard: adds to what Textual asks for what a key types with shift, and what a US keyboard has there."""
_WHEEL = (events.MouseScrollUp, events.MouseScrollDown, events.MouseScrollLeft, events.MouseScrollRight)


class TerminalDriver(OpenDriver):
    """Textual's driver with our own decoder. It resets colours at the end, and survives SIGCONT without a stop before it."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=False, mouse=mouse, size=size)
        self._has_mouse = mouse
        self._at = (0, 0)  # the mouse
        self._on_alternate = False  # before it was written: a kept frame was painted there
        self._leaving = threading.Event()
        self._wakes, self._wake = os.pipe()

    def start_application_mode(self) -> None:
        continued = self.is_started  # after SIGSTOP: nothing was cleaned up before it
        before = self.attrs_before
        if continued:
            self.attrs_before = None  # the line stays as it is: it would echo what is typed meanwhile, and nobody has it yet
            self.suspend_application_mode()
        self._on_alternate = kept_frame.hand_over()
        was_painted = self._on_alternate
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if was_painted:
            self.attrs_before = remembered()
        elif continued:
            self.attrs_before = before
        self._keep_line_ends()
        if self.is_started and not constants.DISABLE_KITTY_KEY:
            self.write(_ALTERNATE_KEYS)
        if continued:
            self.send_message(self.SignalResume())

    def _keep_line_ends(self) -> None:
        """Stop the terminal from adding carriage returns to our output; `attrs_before` restores the earlier setting."""
        try:
            settings = termios.tcgetattr(self.fileno)
            settings[1] &= ~termios.ONLCR
            termios.tcsetattr(self.fileno, termios.TCSANOW, settings)
        except termios.error:
            return  # the terminal is gone: reading it says so

    def write(self, data: str) -> None:
        """Write to the terminal. Does not switch to the alternate screen when it is active, because many terminals then clear it."""
        if self._on_alternate and data == kept_frame.ENTER:
            self._on_alternate = False
            return
        super().write(data)

    def stop_application_mode(self) -> None:
        self.write("\x1b[m")  # frames end in the colours they used last
        if self.is_started:  # on the alternate screen
            self.write("\x1b[H\x1b[2J")  # tmux copies rows of it to the shell's, when the window has grown
        super().stop_application_mode()

    def disable_input(self) -> None:
        self._leaving.set()
        os.write(self._wake, b"\x00")
        super().disable_input()
        self._leaving.clear()

    def run_input_thread(self) -> None:
        """Post input until it is disabled, or the terminal is gone."""
        decoder = Decoder(constants.ESCAPE_DELAY)
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        poll.register(self._wakes, select.POLLIN)
        while not self._leaving.is_set():
            ready = [fd for fd, _ in poll.poll(_milliseconds_until(decoder.deadline))]
            if self._wakes in ready:
                os.read(self._wakes, _CHUNK)
                continue
            data = self._read() if ready else b""
            if data is None:
                return
            now = time.monotonic()
            for event in decoder.feed(data, now) if data else decoder.tick(now):
                for message in self._messages(event):
                    self.process_message(message)

    def _read(self) -> bytes | None:
        """The available bytes; None when the terminal is gone."""
        try:
            return os.read(self.fileno, _CHUNK) or None
        except BlockingIOError:  # another process shares the terminal, and read first
            return b""
        except OSError:
            return None

    def _messages(self, event: Event) -> Iterator[Message]:
        """The Textual messages of an event."""
        match event:
            case Pressed(key, character):
                if character is None or character < " " or character == "\x7f" or character.isprintable():
                    yield events.Key(key, character)
                else:  # a no-break space, a joiner within an emoji: widgets type what Python calls printable
                    yield events.Paste(character)
            case Pasted(text):
                yield events.Paste(text)
            case Focus(gained):
                yield events.AppFocus() if gained else events.AppBlur()
            case ModeReport(mode, setting) if mode == _SYNCHRONISED_OUTPUT and setting:
                yield messages.TerminalSupportsSynchronizedOutput()
            case Mouse() if self._has_mouse:
                yield self._mouse_event(event)

    def _mouse_event(self, report: Mouse) -> events.MouseEvent:
        buttons, x, y = report.buttons, report.x, report.y
        before, self._at = self._at, (x, y)
        button = 0 if buttons & 64 else (buttons + 1) & 3
        kind: type[events.MouseEvent]
        if buttons & 64:
            kind = _WHEEL[buttons & 3]
        elif buttons & 32 or not button:
            kind = events.MouseMove
        else:
            kind = events.MouseUp if report.released else events.MouseDown
        shift, meta, ctrl = bool(buttons & 4), bool(buttons & 8), bool(buttons & 16)
        return kind(None, x, y, x - before[0], y - before[1], button, shift, meta, ctrl, screen_x=x, screen_y=y)


def _milliseconds_until(moment: float | None) -> float | None:
    return None if moment is None else max(0.0, moment - time.monotonic()) * 1000
