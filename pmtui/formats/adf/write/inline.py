"""Writes inline nodes (the content of a paragraph, a heading, a task) as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.emoji import EMOJI, emoji_attributes
from pmtui.formats.adf.notation import SHORT, TYPE_WORDS, WORDS, mark_items
from pmtui.formats.adf.schema import is_attribute
from pmtui.formats.adf.values import Node, attributes, kind, marks, text_of, walk
from pmtui.formats.adf.write import escape

#: Placeholder for a hard break while a line is built; no text has it (escape.text writes it as a reference).
BREAK = "\n"
#: The delimiters of marks that have them in Markdown.
_DELIMITERS = {"b": "**", "i": "_", "s": "~~"}
#: Marks deeper than this share one brace: a thousand marks on a word must not nest a thousand deep.
_MAX_NESTING = 8
_PLAIN_URL = re.compile(r"[^\s<>()\\\x00-\x20\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+")
_ANGLE_URL = re.compile(r"[^<>\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+")
_AUTOLINK = re.compile(r"https?:[^\s<>\\\x00-\x20\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+")
_PLAIN_TITLE = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+')
_PLAIN_ID = re.compile(r"[^\s<>()\[\]\\&{}`|\x00-\x20\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A node with its marks as written, outermost first."""

    marks: tuple[tuple[Item, ...], ...]
    node: Node

    @property
    def plain(self) -> bool:
        return kind(self.node) == "text"


def write_inline(nodes: Sequence[Any]) -> list[str]:
    """The inline nodes as lines, split at hard breaks: one more line than breaks.

    Line starts and ends are not escaped yet, because that depends on where the lines go.
    """
    pieces = [_Piece(_shown_marks(n), n) for n in nodes]
    return _run(pieces, 0, "", "").split(BREAK)


def _shown_marks(node: Any) -> tuple[tuple[Item, ...], ...]:
    if not isinstance(node, dict) or "marks" not in node or kind(node) == "hardBreak":
        return ()
    return tuple(tuple(mark_items(mark)) for mark in marks(node))


def _run(pieces: Sequence[_Piece], depth: int, left: str, right: str) -> str:
    """Write pieces that share their first `depth` marks. ``left``, ``right``: the characters beside them ("" at an end)."""
    out: list[str] = []
    at = 0
    while at < len(pieces):
        end = _same(pieces, at, depth)
        before = out[-1][-1] if out else left
        after = _first_character(pieces[end], depth) if end < len(pieces) else right
        if len(pieces[at].marks) > depth:
            made = _marked(pieces[at:end], depth, before, after)
        elif pieces[at].plain:
            made = escape.text("".join(text_of(piece.node) for piece in pieces[at:end]))
            if made.startswith("{") and before in tuple(")]>"):
                made = "\\" + made
            if end < len(pieces):
                made = escape.before_bracket(made)
        else:
            made = write_node(pieces[at].node, before)
        if made:
            out.append(made)
        at = end
    return "".join(out)


def _same(pieces: Sequence[_Piece], at: int, depth: int) -> int:
    """The end of the run from `at` that fits into one pair of delimiters, or one run of text."""
    first = pieces[at]
    mark = first.marks[depth : depth + 1]
    end = at + 1
    if (mark and depth >= _MAX_NESTING) or not (mark or first.plain):
        return end
    while end < len(pieces) and pieces[end].marks[depth : depth + 1] == mark and (mark or pieces[end].plain):
        end += 1
    return end


def _first_character(piece: _Piece, depth: int) -> str:
    if len(piece.marks) > depth or not piece.plain:
        return BREAK if kind(piece.node) == "hardBreak" else "["
    return text_of(piece.node)[:1] or "x"  # "x": the next character is unknown, so assume the worst


def _marked(pieces: Sequence[_Piece], depth: int, left: str, right: str) -> str:
    mark = pieces[0].marks[depth]
    word, value = mark[0]
    nested = depth < _MAX_NESTING
    if word == "code" and (code := _code(pieces, depth)):
        return code
    if word == "link" and value is not None and nested and (link := _link(pieces, depth, mark)):
        return link
    delimiter = _DELIMITERS.get(word, "")
    if delimiter and nested and mark not in pieces[0].marks[:depth]:
        inner = _run(pieces, depth + 1, delimiter[0], delimiter[0])
        before, inner, after = _blanks_apart(inner) if word in ("b", "i") else ("", inner, "")
        if not inner and before:
            return before
        if _flanks(inner, delimiter, before or left, after or right):
            return before + delimiter + inner + delimiter + after
    return _span(pieces, depth)


def _blanks_apart(inner: str) -> tuple[str, str, str]:
    """Move blanks at the ends of bold or italic words outside: delimiters cannot touch a blank, and its mark is invisible."""
    start, end = len(inner) - len(inner.lstrip(" ")), len(inner.rstrip(" "))
    return inner[:start], inner[start:end], inner[end:] if end > start else ""


def _span(pieces: Sequence[_Piece], depth: int) -> str:
    """`[words]{mark mark}`, which allows any marks anywhere: as many as all the pieces share."""
    first = pieces[0].marks
    shared = depth + 1
    if depth >= _MAX_NESTING:
        shared = len(first)
    while (
        shared < len(first)
        and not _has_delimiter(first[shared])
        and all(piece.marks[shared : shared + 1] == first[shared : shared + 1] for piece in pieces)
    ):
        shared += 1
    inner = _run(pieces, shared, "[", "]")
    return f"[{inner}]" + brace.write(item for mark in first[depth:shared] for item in mark) if inner else ""


def _has_delimiter(mark: tuple[Item, ...]) -> bool:
    return mark[0][0] in ("b", "i", "s", "code", "link")


def _flanks(inner: str, delimiter: str, left: str, right: str) -> bool:
    """Whether CommonMark certainly reads the delimiters as such there."""
    if not inner or inner[0] == delimiter[0] or inner[-1] == delimiter[0] or left == delimiter[0] or right == delimiter[0]:
        return False
    if not (_solid(inner[0]) and _solid(inner[-1])):
        return False
    open_beside, open_within = _beside(left), inner[0].isalnum()
    close_beside, close_within = _beside(right), inner[-1].isalnum()
    if delimiter == "_":
        return open_beside and close_beside
    return (open_beside or open_within) and (close_beside or close_within)


def _solid(char: str) -> bool:
    return char.isalnum() or "!" <= char <= "~"


def _beside(char: str) -> bool:
    return char in ("", " ", BREAK) or ("!" <= char <= "~" and not char.isalnum())


def _code(pieces: Sequence[_Piece], depth: int) -> str:
    """A code span; "" when the text does not fit one, or other nodes are among the pieces."""
    if any(len(piece.marks) != depth + 1 or not piece.plain for piece in pieces):
        return ""
    value = "".join(text_of(piece.node) for piece in pieces)
    if not value or escape.has_odd(value):
        return ""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if value[0] == "`" or value[-1] == "`" or (value[0] == " " == value[-1] and value.strip(" ")) else ""
    return ticks + pad + value + pad + ticks


def _link(pieces: Sequence[_Piece], depth: int, mark: tuple[Item, ...]) -> str:
    href = mark[0][1] or ""
    title = dict(mark[1:]).get("title")
    if len(mark) > (1 if title is None else 2) or any(item[0] == "link" for other in pieces[0].marks[:depth] for item in other):
        return ""
    if title is None and _is_address(href) and all(piece.plain and len(piece.marks) == depth + 1 for piece in pieces):
        words = "".join(text_of(piece.node) for piece in pieces)
        if words == href:
            return f"<{href}>"
    if _PLAIN_URL.fullmatch(href):
        target = escape.references(href)
    elif _ANGLE_URL.fullmatch(href):
        target = f"<{escape.references(href)}>"
    else:
        return ""
    if title is not None:
        if not _PLAIN_TITLE.fullmatch(title):
            return ""
        target += f' "{escape.references(title)}"'
    inner = _run(pieces, depth + 1, "[", "]")
    return f"[{inner}]({target})" if inner else ""


def _is_address(url: str) -> bool:
    """Whether a URL can be in `<…>`, where nothing is escaped."""
    return _AUTOLINK.fullmatch(url) is not None and escape.references(url) == url


# ---- nodes ----------------------------------------------------------------------------------------------


def write_node(node: Any, before: str) -> str:
    """One inline node other than text; ``before`` is the character before it ("" at the start of a block)."""
    node_type = kind(node)
    if node_type == "hardBreak":
        return BREAK
    attrs = attributes(node)
    if node_type == "mention" and isinstance(attrs.get("id"), str):
        return _mention(attrs)
    if node_type == "emoji" and not before.isalnum() and (name := _emoji_name(attrs)):
        return f":{name}:"
    if node_type == "inlineCard" and isinstance(attrs.get("url"), str) and _is_address(attrs["url"]):
        return f"<{attrs['url']}>{{card}}"
    if node_type == "date" and isinstance(attrs.get("timestamp"), str):
        return f":date[{escape.in_brackets(iso_date(attrs['timestamp']))}]"
    if node_type in TYPE_WORDS:
        return _word(node)
    return f":adf[{escape.in_brackets(words_of(node))}]" + brace.write([brace.name(node_type or "?")])


def _mention(attrs: dict[str, Any]) -> str:
    name, target = attrs.get("text"), attrs["id"]
    items: list[Item] = []
    shown = ""
    if isinstance(name, str):
        shown = name[1:] if name.startswith("@") else ""
        if not name.startswith("@") or not shown:
            items.append(("text", name))
    if not _PLAIN_ID.fullmatch(target):
        items.append(("id", target))
        target = ""
    more = [key for key in ("userType", "accessLevel") if attrs.get(key) and is_attribute("mention", key, attrs[key])]
    items += [(SHORT[key], attrs[key]) for key in more]
    return f"@[{escape.in_brackets(shown)}]({target})" + brace.write(items)


def _emoji_name(attrs: dict[str, Any]) -> str:
    name = str(attrs.get("shortName")).strip(":")
    shown = {key: value for key, value in attrs.items() if key != "localId"}
    return name if name in EMOJI and shown == emoji_attributes(name) else ""


def _word(node: Node) -> str:
    """`:word[text]{key=value}`."""
    node_type = kind(node)
    label = WORDS[TYPE_WORDS[node_type]][1]
    items = attribute_items(node, label)
    value = attributes(node).get(label)
    if node_type == "emoji" and isinstance(value, str) and len(value) > 2 and value[0] == value[-1] == ":" and ":" not in value[1:-1]:
        value = value[1:-1]
    elif node_type == "emoji" and isinstance(value, str):
        items.append((label, value))
    shown = value if isinstance(value, str) else ""
    if value == "" and label != "url" and is_attribute(node_type, label, ""):
        items.append((label, ""))
    return f":{TYPE_WORDS[node_type]}[{escape.in_brackets(shown)}]" + brace.write(items)


def iso_date(timestamp: str) -> str:
    """A date's milliseconds since 1970 as ISO 8601, as short as possible; unchanged if that would not read back."""
    if not re.fullmatch(r"0|-?[1-9]\d{0,14}", timestamp):
        return timestamp
    seconds, milliseconds = divmod(int(timestamp), 1000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return timestamp
    if moment.year < 1000:
        return timestamp
    if milliseconds or seconds % 86400:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"
    return f"{moment:%Y-%m-%d}"


def words_of(node: Any) -> str:
    """The words of an unknown node: its texts, else its text-like attribute, else ""."""
    texts = [text_of(n) for n in walk(node)]
    found = " ".join(t for t in texts if t)
    if found or not isinstance(node, dict):
        return found
    shown = [attributes(node).get(name) for name in ("text", "title", "alt", "url", "shortName")]
    return next((value for value in shown if isinstance(value, str)), "")
