"""Renders a cell that is not being edited: Markdown as styled text, one rendered line per source line.

Pure: text in, Textual `Content` out. No markup string is ever built, and every foreign character passes `display`. Styles are
those of `highlight.STYLES`; Textual resolves their theme variables when it paints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, repeat

from textual.content import Content, Span

from pmtui.display import display, width
from pmtui.formats.typed_time import readable
from pmtui.tui.markdown.highlight import (
    LINE_END,
    MAX_DEPTH,
    MAX_LINE,
    PANELS,
    STYLES,
    Inline,
    LineKind,
    SourceLine,
    code_lines,
    inlines,
    is_table_rule,
    read_line,
)

BOXES = {" ": "☐ ", "x": "☑ ", "X": "☑ ", "<>": "◆ "}
BULLETS = ("•", "◦", "▪")


@dataclass(slots=True)
class _Piece:
    """A rendered line under construction: text, and its spans."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)

    def add(self, text: str, *styles: str) -> None:
        """Append foreign or own text, under each of `styles` (keys of STYLES)."""
        shown = display(text, multiline=True)
        start = len(self.text)
        self.text += shown
        if shown:
            self.spans.extend(Span(start, len(self.text), STYLES[style]) for style in styles)

    def pad(self, cells: int) -> None:
        self.text += " " * max(0, cells - width(self.text))


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.style)


def render_markdown(text: str, width_hint: int = 80) -> Content:
    """Render a cell: as many lines as `text` has; rules are drawn at most `width_hint` cells wide."""
    lines = LINE_END.split(text)
    return render_lines(lines, code_lines(lines), width_hint)


def render_lines(lines: Sequence[str], code: Sequence[str], width_hint: int) -> Content:
    """As ``render_markdown``, for some lines of a text; ``code`` has their entries of ``code_lines``."""
    pieces = list(_pieces(lines, code, max(3, width_hint)))
    whole: list[str] = []
    spans: list[Span] = []
    offset = 0
    for piece in pieces:
        whole.append(piece.text)
        spans.extend(_moved(span, offset) for span in piece.spans)
        offset += len(piece.text) + 1
    return Content("\n".join(whole), spans)


def _pieces(lines: Sequence[str], code: Sequence[str], width_hint: int) -> Iterator[_Piece]:
    read = [read_line(line, state) for line, state in zip(lines, code, strict=True)]
    panel = ""  # the style of the current panel
    tables = [what.kind is LineKind.TABLE or _is_of_table(lines, number) for number, what in enumerate(read)]
    shown = [
        line if what.kind in (LineKind.CODE, LineKind.FENCE) else _without_break(line, after)
        for line, what, after in zip(lines, read, [*lines[1:], ""], strict=True)
    ]
    for is_table, group in groupby(zip(shown, read, tables, strict=True), key=lambda each: each[2]):
        if is_table:
            yield from _table([line for line, *_ in group])
            continue
        for line, what, _ in group:
            if what.kind is LineKind.PANEL:
                panel = PANELS.get(what.word, ("info", ""))[0]
            elif what.kind is not LineKind.QUOTE:
                panel = ""
            yield _line(line, what, panel, width_hint)


def _without_break(line: str, after: str) -> str:
    """The line without the backslash that ends it there and lets the paragraph go on in the next one."""
    backslashes = len(line) - len(line.rstrip("\\"))
    return line[:-1] if backslashes % 2 and after.strip() else line


def _is_of_table(lines: Sequence[str], number: int) -> bool:
    """Whether this line has attributes of a table (`{layout=wide}` below its rule), which readers do not need to see."""
    return number > 0 and _ATTRIBUTES.fullmatch(lines[number]) is not None and is_table_rule(lines[number - 1])


def _line(line: str, what: SourceLine, panel: str, width_hint: int) -> _Piece:
    piece = _Piece()
    body = line[what.body :]
    match what.kind:
        case LineKind.CODE:
            piece.add(line, "code")
        case LineKind.FENCE:
            piece.add("───", "rule")
            piece.add(f" {what.word}" if what.word else "", "muted")
        case LineKind.RULE:
            piece.add("─" * width_hint, "rule")
        case LineKind.HEADING:
            _inline(piece, body, (f"heading-{min(what.level, 3)}",))
        case LineKind.PANEL:
            style, icon = PANELS.get(what.word, ("info", "■"))
            piece.add(f"▌{icon} {what.word} ", style)
            _inline(piece, body, ())
        case LineKind.QUOTE:
            piece.add("▌" * what.level + " ", panel or "marker")
            _inline(piece, body, () if panel else ("quote",))
        case LineKind.ITEM:
            _item(piece, line, what)
        case LineKind.OPEN:
            piece.add("▸ ", "marker")
            _inline(piece, body or what.word, ("bold",))
        case LineKind.CLOSE:
            piece.add("◂", "muted")
        case LineKind.LEAF:
            piece.add("▸ ", "marker")
            piece.add(what.word, "muted")
            piece.add(" ")
            _inline(piece, body, ())
        case _:
            _inline(piece, line, ())
    return piece


def _item(piece: _Piece, line: str, what: SourceLine) -> None:
    bullet = what.word if what.word[0].isdigit() else BULLETS[min(what.level // 2, len(BULLETS) - 1)]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    piece.add(indent)
    if what.task and not what.word[0].isdigit():
        piece.add(BOXES.get(what.task, "☐ "), "marker")
    else:
        piece.add(f"{bullet} {BOXES.get(what.task, '')}", "marker")
    _inline(piece, line[what.body :], ("muted",) if what.task in ("x", "X") else ())


def _inline(piece: _Piece, text: str, styles: tuple[str, ...]) -> None:
    """Append `text` with its inline notation turned into styles."""
    if len(styles) > MAX_DEPTH:
        piece.add(text, *styles)
        return
    position = 0
    for item in inlines(text[:MAX_LINE]):
        piece.add(text[position : item.start], *styles)
        _notation(piece, text, item, styles)
        position = item.end
    piece.add(text[position:], *styles)


def _notation(piece: _Piece, text: str, item: Inline, styles: tuple[str, ...]) -> None:
    inner = text[item.inner : item.inner_end]
    match item.kind:
        case "escape":
            piece.add(inner[1:], *styles)
        case "code":
            piece.add(inner, *styles, "code")
        case "mention":
            piece.add(f"@{inner.removeprefix('@')}", *styles, "mention")
        case "status":
            piece.add(f"[{inner.upper()}]", *styles, _STATUS.get(item.target.partition(" ")[0], "status"))
        case "date":
            piece.add(readable(inner) if "T" in inner else inner, *styles, "date")
        case "directive":
            piece.add(inner, *styles, "muted")
        case "image":
            piece.add(f"▦ {inner or 'image'}", *styles, "link")
            piece.add(f" ({item.target})", *styles, "address")
        case "auto" | "url":
            piece.add(inner, *styles, "link")
        case "link":
            _inline(piece, inner, (*styles, "link"))
            if item.target and item.target != inner:
                piece.add(f" ({item.target})", *styles, "address")
        case "span":
            _inline(piece, inner, (*styles, "muted"))
        case style:
            _inline(piece, inner, (*styles, style))


_ATTRIBUTES = re.compile(r"\s{0,8}\{[^{}|]{1,1000}\}\s{0,8}")
"""What a table is like, on a line of its own."""

_STATUS = {"green": "success", "yellow": "warning", "red": "error", "blue": "info", "neutral": "muted"}


def _table(lines: Sequence[str]) -> Iterator[_Piece]:
    """The rows of one table, aligned; the rule below the header spans it."""
    rows = [[] if _ATTRIBUTES.fullmatch(line) or is_table_rule(line) else [_cell(cell) for cell in _split_row(line)] for line in lines]
    columns = max(map(len, rows), default=0)
    widths = [max((width(row[column].text) for row in rows if column < len(row)), default=0) for column in range(columns)]
    has_head = len(lines) > 1 and is_table_rule(lines[1])
    sides = _sides(lines[1]) if has_head else []
    for number, row in enumerate(rows):
        piece = _Piece()
        if _ATTRIBUTES.fullmatch(lines[number]):
            pass  # a line without words: there are as many lines as in the text
        elif row:
            _row(piece, row, list(zip(widths, chain(sides, repeat("")), strict=False)), head=has_head and number == 0)
        else:
            piece.add("─┼─".join("─" * cells for cells in widths), "rule")
        yield piece


def _sides(rule: str) -> list[str]:
    """Where the words of each column stand, as the colons of the rule below the header say."""
    return ["^" if each[:1] == each[-1:] == ":" else ">" if each[-1:] == ":" else "" for each in _split_row(rule)]


def _row(piece: _Piece, row: Sequence[_Piece], columns: Sequence[tuple[int, str]], *, head: bool) -> None:
    for column, cell in enumerate(row):
        if column:
            piece.add(" │ ", "rule")
        cells, side = columns[column]
        spare = max(0, cells - width(cell.text))
        before = {">": spare, "^": spare // 2}.get(side, 0)
        piece.text += " " * before
        cell.pad(cells - before if column < len(row) - 1 else 0)
        start = len(piece.text)
        piece.text += cell.text
        piece.spans.extend(_moved(span, start) for span in cell.spans)
        if head:
            piece.spans.append(Span(start, len(piece.text), STYLES["bold"]))


def _cell(text: str) -> _Piece:
    piece = _Piece()
    _inline(piece, text.replace("\\|", "|"), ())
    return piece


def _split_row(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inner)]
