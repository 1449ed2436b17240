"""The quick emulator shows what pyte shows."""

from __future__ import annotations

import random

import pyte

from tests import emulator

TEXTS = ("words", "漢字", "e\u0301", "── │", "x" * 30, "\r\n", "\n", "\b", "\t", "\x0e", "\x0f", "\x00", "\x7f", "\x9b3C", "👍")
PENS = ("\x1b[m", "\x1b[1;31m", "\x1b[38;2;1;2;3;48;5;9m", "\x1b[7m")
MOVES = ("\x1b[;5H", "\x1b[3;70H", "\x1b[99999;2H", "\x1b[5A", "\x1b[G", "\x1b[2d", "\x1bM", "\x1bD", "\x1b7", "\x1b8")
CHANGES = ("\x1b[K", "\x1b[2J", "\x1b[5X", "\x1b[2L", "\x1b[M", "\x1b[3P", "\x1b[2@", "\x1b[3;9r", "\x1b[r")
MODES = ("\x1b[4h", "\x1b[4l", "\x1b[?7l", "\x1b[?7h", "\x1b[?25l")
OTHERS = ("\x1b[3z", "\x1b]0;title\x07", "\x1b(0", "\x1b[1\x18", "\x1b[>c", "\x1b[2", "\x1b")
PARTS = (*TEXTS, *PENS, *MOVES, *CHANGES, *MODES, *OTHERS)


def cells(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def test_it_shows_what_pyte_shows() -> None:
    for seed in range(30):
        chance = random.Random(seed)
        data = "".join(chance.choices(PARTS, k=80)).encode()
        ours, theirs = emulator.Screen(40, 12), pyte.Screen(40, 12)
        quick, slow = emulator.ByteStream(ours), pyte.ByteStream(theirs)
        at = 0
        while at < len(data):
            piece = data[at : at + chance.randrange(1, 40)]
            quick.feed(piece)
            slow.feed(piece)
            assert cells(ours) == cells(theirs)
            assert (ours.cursor.x, ours.cursor.y, ours.cursor.attrs) == (theirs.cursor.x, theirs.cursor.y, theirs.cursor.attrs)
            assert ours.dirty == theirs.dirty
            at += len(piece)
