"""The body of a postmortem file: its cells in order.

A cell begins at its heading. Where headings are not enough, comments separate cells; no renderer shows them:

``<!-- cell -->``            begins a cell that has no heading
``<!-- cell -->`` … ``<!-- /cell -->``   encloses exactly one cell: several headings, blank lines at its ends, an open code fence
``<!-- opaque cell -->`` … ``<!-- /cell -->``   encloses a fenced block with a description of the cell and a key; its JSON is
stored elsewhere under that key

A line of a cell that looks like such a comment is escaped with a backslash in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pmtui.model.matching import opcodes

BEGIN, OPAQUE, END = "<!-- cell -->", "<!-- opaque cell -->", "<!-- /cell -->"
_MARKS = (BEGIN, OPAQUE, END)
_LIKE_A_MARK = re.compile(r"^(<!-- (?:opaque cell|/?cell) )(\\*-->\r?)$", re.MULTILINE)
_ESCAPED_MARK = re.compile(r"^(<!-- (?:opaque cell|/?cell) )\\(\\*-->\r?)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_COMMENT = re.compile(r" {0,3}<!--")
_KEY = re.compile(r"`{3,}pmtui-opaque ([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class FileCell:
    """A cell of a file: its Markdown, or the one-line description of an opaque cell. Only opaque cells have a ``key``."""

    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cell and the lines of the file that it was read from, including blank lines after it."""

    cell: FileCell
    raw: str


def write_body(cells: Sequence[FileCell]) -> str:
    """The cells as text, separated by blank lines, with a final line end."""
    rendered: list[str] = []
    alone = True  # whether a cell without a heading can be distinguished from the one before
    for cell in cells:
        shown, alone = _rendered(cell, alone)
        rendered.append(shown)
    return "\n\n".join(rendered) + "\n" if rendered else ""


def read_body(text: str) -> tuple[FileCell, ...]:
    """The cells of any text. A mark without its counterpart is ignored."""
    return tuple(piece.cell for piece in _pieces(text)[1])


def update_body(text: str, cells: Sequence[FileCell]) -> str:
    """Replace the cells of the text; unchanged cells keep their bytes."""
    lead, pieces = _pieces(text)
    new = list(cells)
    if [piece.cell for piece in pieces] == new:
        return text
    for updated in (_in_place(lead, pieces, new), _with_blank_lines(lead, pieces, new)):
        if read_body(updated) == tuple(new):
            return updated
    return write_body(new)


def _in_place(lead: str, pieces: Sequence[_Piece], new: Sequence[FileCell]) -> str:
    """Replace edited cells in place, keeping the blank lines after them; only new cells get blank lines around them."""
    made: list[str] = [lead]
    end_stays = False  # whether the last cell was also the last one before
    for tag, i1, i2, j1, j2 in opcodes([piece.cell for piece in pieces], new):
        if tag == "equal":
            made += [piece.raw for piece in pieces[i1:i2]]
            end_stays = i2 == len(pieces)
            continue
        for number, cell in enumerate(new[j1:j2]):
            alone = not "".join(made).strip("\n") or made[-1].rstrip("\n").endswith(END)
            shown = _rendered(cell, alone)[0]
            old = pieces[i1 + number].raw if i1 + number < i2 else ""
            if not old and made[-1].strip("\n") and not made[-1].endswith("\n\n"):
                made[-1] = made[-1].rstrip("\n") + "\n\n"
            made.append(shown + (old[len(old.rstrip("\n")) :] if old else "\n\n"))
            end_stays = i1 + number == len(pieces) - 1
    joined = "".join(each if each.endswith("\n") or not each else f"{each}\n" for each in made[:-1]) + made[-1]
    return joined if end_stays else joined.rstrip("\n") + "\n"


def _with_blank_lines(lead: str, pieces: Sequence[_Piece], new: Sequence[FileCell]) -> str:
    """All cells separated by blank lines, with a mark before a cell without a heading."""
    made: list[str] = []
    for tag, i1, i2, j1, j2 in opcodes([piece.cell for piece in pieces], new):
        if tag == "equal":
            made += [piece.raw for piece in pieces[i1:i2]]
        else:
            made += [_rendered(cell, False)[0] + "\n\n" for cell in new[j1:j2]]
    joined = lead + "".join(each if each.endswith("\n\n") else f"{each.rstrip(chr(10))}\n\n" for each in made[:-1]) + "".join(made[-1:])
    return joined.rstrip("\n") + "\n" if not pieces or made[-1:] != [pieces[-1].raw] else joined


def _rendered(cell: FileCell, alone: bool) -> tuple[str, bool]:
    """A cell as text, and whether it ends with a mark, so that the next cell needs none."""
    if cell.key:
        fence = _fence_around(cell.text)
        return f"{OPAQUE}\n{fence}pmtui-opaque {cell.key}\n{_escaped(cell.text)}\n{fence}\n{END}", True
    lines = cell.text.split("\n")
    headings = [number for number, kind in enumerate(_kinds(lines)) if kind == "heading"]
    tidy = cell.text.strip("\n") == cell.text != "" and not _left_open(lines) and bool(lines[0].strip())
    text = _escaped(cell.text)
    if tidy and headings == [0]:
        return text, False
    if tidy and not headings:
        return (text, False) if alone else (f"{BEGIN}\n{text}", False)
    return f"{BEGIN}\n{text}\n{END}", True


def _pieces(text: str) -> tuple[str, list[_Piece]]:
    """The text before the first cell, and each cell with its stretch of the text."""
    lines = text.split("\n")
    starts: list[tuple[int, FileCell]] = []
    for first, last, cell in _found(lines):
        if cell is None:
            starts += _split(lines, first, last)
        else:
            starts.append((first, cell))
    if not starts:
        return text, []
    borders = [*(start for start, _ in starts), len(lines)]
    raw = ["\n".join(lines[a:b]) + ("\n" if b < len(lines) else "") for a, b in pairwise(borders)]
    lead = "\n".join(lines[: borders[0]]) + ("\n" if borders[0] else "")
    return lead, [_Piece(cell, piece) for (_, cell), piece in zip(starts, raw, strict=True)]


def _found(lines: Sequence[str]) -> Iterator[tuple[int, int, FileCell | None]]:
    """Stretches of lines ``[first, last)`` in order: a cell between marks, or None for lines to split at headings. Gaps have no text."""
    marks = [(number, line) for number, line in enumerate(lines) if line in _MARKS]
    begun, at = 0, 0
    while at < len(marks):
        number, mark = marks[at]
        following = marks[at + 1] if at + 1 < len(marks) else (len(lines), "")
        if mark != END and following[1] == END:
            yield begun, number, None
            yield number, following[0] + 1, _between(lines[number + 1 : following[0]], mark)
            begun, at = following[0] + 1, at + 2
        else:
            yield begun, number, None
            begun, at = number, at + 1
    yield begun, len(lines), None


def _between(lines: Sequence[str], mark: str) -> FileCell:
    if mark == OPAQUE and len(lines) >= 2 and (key := _KEY.fullmatch(lines[0])):
        return FileCell(_unescaped("\n".join(lines[1:-1])), key[1])
    return FileCell(_unescaped("\n".join(lines)))


def _split(lines: Sequence[str], first: int, last: int) -> list[tuple[int, FileCell]]:
    """The cells of a stretch without enclosed cells: each begins at a heading, or at a mark without an end."""
    body = lines[first:last]
    marked = bool(body) and body[0] in _MARKS
    kinds = _kinds(body)
    starts = [number for number, kind in enumerate(kinds) if kind == "heading"]
    if not starts or any(line.strip() and line not in _MARKS for line in body[: starts[0]]):
        starts.insert(0, 0)
    elif marked:
        starts[0] = 0
    cells = []
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        text = "\n".join(line for line in body[start:end] if line not in _MARKS).strip("\n")
        if text.strip():
            leading = next(number for number in range(start, end) if body[number].strip())
            cells.append((first + leading, FileCell(_unescaped(text))))
    return cells


def _kinds(lines: Sequence[str]) -> list[str]:
    """The kind of each line: "heading", "inside" (of a code fence or comment) or ""."""
    return [kind for kind, _ in _read_lines(lines)]


def _left_open(lines: Sequence[str]) -> bool:
    """Whether a code fence or comment is still open after the last line."""
    opened = ""
    for _, opened in _read_lines(lines):  # noqa: B007 # the last one counts
        pass
    return bool(opened)


def _read_lines(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The kind of each line, and what is open after it: a fence, "-->" for a comment, "" for nothing."""
    opened = ""
    for line in lines:
        if opened == "-->":
            opened = "" if "-->" in line else opened
            yield "inside", opened
        elif opened:
            stripped = line.strip()
            closes = stripped.startswith(opened) and not stripped.strip(opened[0]) and len(line) - len(line.lstrip(" ")) <= 3
            opened = "" if closes else opened
            yield "inside", opened
        elif fence := _FENCE.match(line):
            opened = fence[1]
            yield "inside", opened
        elif comment := _COMMENT.match(line):
            opened = "" if "-->" in line[comment.end() :] else "-->"
            yield "inside", opened
        else:
            yield ("heading" if _HEADING.match(line) else ""), ""


def _escaped(text: str) -> str:
    """Add a backslash to each line that looks like a mark."""
    return _LIKE_A_MARK.sub(r"\1\\\2", text)


def _unescaped(text: str) -> str:
    """Remove a backslash from each line that looks like an escaped mark."""
    return _ESCAPED_MARK.sub(r"\1\2", text)


def _fence_around(text: str) -> str:
    """A fence longer than any run of backticks in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
