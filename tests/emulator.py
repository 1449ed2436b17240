"""pyte, quicker: it reads a terminal's output character by character, and most of it is plain text and whole sequences."""

from __future__ import annotations

import re
from functools import lru_cache

import pyte
from pyte import charsets, modes
from pyte.screens import Char

_PLAIN = re.compile("[ -~\u2500-\u259f]+")
"""Characters that take one cell each: ASCII, lines and blocks."""
_SEQUENCE = re.compile("\x1b\\[([0-9;]*)([@-z])")
_MOST = 9999


@lru_cache(maxsize=10_000)
def _cell(pen: Char, char: str) -> Char:
    return pen._replace(data=char)


class Screen(pyte.Screen):
    """What is drawn within a line, of characters that take one cell each, is put there at once."""

    def draw(self, data: str) -> None:
        cursor = self.cursor
        if (
            cursor.x + len(data) > self.columns
            or not _PLAIN.fullmatch(data)
            or modes.IRM in self.mode
            or self.charset
            or self.g0_charset != charsets.LAT1_MAP
        ):
            super().draw(data)
            return
        line, pen = self.buffer[cursor.y], cursor.attrs
        for x, char in enumerate(data, cursor.x):
            line[x] = _cell(pen, char)
        cursor.x += len(data)
        self.dirty.add(cursor.y)


class Stream(pyte.Stream):
    """A sequence that is whole is looked up at once; all else goes pyte's way."""

    def feed(self, data: str) -> None:
        at, text = 0, self._text_pattern
        screen = self.listener
        assert screen is not None
        while at < len(data):
            if not self._taking_plain_text:
                self._taking_plain_text = self._send_to_parser(data[at])
                at += 1
            elif found := text.match(data, at):
                screen.draw(found[0])
                at = found.end()
            elif (found := _SEQUENCE.match(data, at)) and found[2] in self.csi:
                parameters = [min(int(each or 0), _MOST) for each in found[1].split(";")]
                getattr(screen, self.csi[found[2]])(*parameters)
                at = found.end()
            else:
                self._taking_plain_text = False


class ByteStream(pyte.ByteStream, Stream):  # type: ignore[misc]  # its feed takes bytes, as that of pyte
    """The same for bytes."""
