"""The notation: the words for marks, attributes and nodes.

Both `write/` and `read/` use these tables, so that what is written can be read. The page for users is notation.md.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pmtui.formats.adf.brace import HEX, Item
from pmtui.formats.adf.values import Mark, attributes, dump, kind, loads

# ---- blocks ---------------------------------------------------------------------------------------------

#: An empty paragraph; it also separates two blocks that Markdown would join.
EMPTY_PARAGRAPH = "<!-- -->"
#: The language of a fence with a node as JSON.
OPAQUE = "adf"
#: ADF's panel types, and two of GitHub's with different names in ADF.
PANEL_TYPES = ("info", "note", "tip", "warning", "error", "success", "custom")
PANEL_ALIASES = {"important": "note", "caution": "error"}
PANEL_MARKER = re.compile(r"\[!(\w+)\]")

#: Containers `:::name … :::` by the word that opens them.
CONTAINERS = {
    "expand": "expand",
    "columns": "layoutSection",
    "column": "layoutColumn",
    "extension": "bodiedExtension",
    "sync": "bodiedSyncBlock",
    "table": "table",
    "row": "tableRow",
    "cell": "tableCell",
    "header": "tableHeader",
    "media": "mediaSingle",
    "files": "mediaGroup",
    "adf": "",
}
#: Containers that the next one of their kind closes, and their holders. So cells need no closing line.
SECTIONS = {
    "row": ("tableRow", "table"),
    "cell": ("tableCell", "tableRow"),
    "header": ("tableHeader", "tableRow"),
    "column": ("layoutColumn", "layoutSection"),
}
#: Parents in which an expand is a nestedExpand.
HOLDERS_OF_NESTED = frozenset({"expand", "nestedExpand", "tableCell", "tableHeader"})
#: In the brace of a table: every cell has attributes, perhaps empty, as Atlassian's editor stores them.
CELLS_HAVE_ATTRIBUTES: Item = ("cells", None)
#: One-line blocks `::name …` by their word.
LEAVES = {"card": "blockCard", "embed": "embedCard", "extension": "extension", "sync": "syncBlock"}
#: `:::name rest` and `::name rest`; the rest may have blanks around it.
DIRECTIVE = re.compile(r"(:{2,})[ \t]*+([A-Za-z]\w*+)(?![\[:])(.*)$", re.DOTALL)
CLOSING = re.compile(r":{3,}+[ \t]*+$")

#: The attribute that is the label of a container or leaf.
LABELS = {
    "expand": "title",
    "nestedExpand": "title",
    "layoutColumn": "width",
    "extension": "extensionKey",
    "bodiedExtension": "extensionKey",
    "inlineExtension": "text",
    "syncBlock": "resourceId",
    "bodiedSyncBlock": "resourceId",
    "blockCard": "url",
    "embedCard": "url",
}
#: Default values: not written, and restored by reading.
DEFAULTS: dict[str, dict[str, Any]] = {
    "embedCard": {"layout": "center"},
    "extension": {"extensionType": "com.atlassian.confluence.macro.core"},
    "bodiedExtension": {"extensionType": "com.atlassian.confluence.macro.core"},
    "inlineExtension": {"extensionType": "com.atlassian.confluence.macro.core"},
    "media": {"type": "file", "collection": ""},
    "mediaInline": {"collection": ""},
    "mediaSingle": {"layout": "center"},
    "decisionItem": {"state": "DECIDED"},
}
#: Written for a missing attribute that has a default.
NONE = "none"
#: Attributes with any JSON, written as JSON.
JSON_ATTRIBUTES = frozenset({"parameters", "data"})

#: `![alt](media:ID)`, and the words for the media's own size, as distinct from its frame's.
MEDIA_SCHEME = "media:"
MEDIA_SHORT = {"width": "w", "height": "h"}

# ---- inline nodes ---------------------------------------------------------------------------------------

#: `:word[text]{…}` by word: the node type, and the attribute in brackets.
WORDS = {
    "status": ("status", "text"),
    "date": ("date", "timestamp"),
    "placeholder": ("placeholder", "text"),
    "emoji": ("emoji", "shortName"),
    "card": ("inlineCard", "url"),
    "extension": ("inlineExtension", "text"),
    "media": ("mediaInline", "alt"),
    "adf": ("", "words"),
}
TYPE_WORDS = {node_type: word for word, (node_type, _) in WORDS.items() if node_type}
STATUS_COLORS = frozenset({"neutral", "purple", "blue", "red", "yellow", "green"})
#: Attributes with a shorter word in braces.
SHORT = {"extensionKey": "key", "extensionType": "type", "userType": "user", "accessLevel": "access", "isNumberColumnEnabled": "numbered"}
LONG = {short: name for name, short in SHORT.items()}

# ---- marks ----------------------------------------------------------------------------------------------

#: Marks without a value.
WORD_MARKS: dict[str, Mark] = {
    "b": {"type": "strong"},
    "i": {"type": "em"},
    "s": {"type": "strike"},
    "u": {"type": "underline"},
    "code": {"type": "code"},
    "sub": {"type": "subsup", "attrs": {"type": "sub"}},
    "sup": {"type": "subsup", "attrs": {"type": "sup"}},
    "small": {"type": "fontSize", "attrs": {"fontSize": "small"}},
    "center": {"type": "alignment", "attrs": {"align": "center"}},
    "end": {"type": "alignment", "attrs": {"align": "end"}},
    "wide": {"type": "breakout", "attrs": {"mode": "wide"}},
    "full-width": {"type": "breakout", "attrs": {"mode": "full-width"}},
}
#: Marks with a value: word → (mark, attribute, default attributes).
VALUE_MARKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "color": ("textColor", "color", {}),
    "bg": ("backgroundColor", "color", {}),
    "link": ("link", "href", {}),
    "comment": ("annotation", "id", {"annotationType": "inlineComment"}),
    "indent": ("indentation", "level", {}),
    "border": ("border", "size", {}),
    "fragment": ("fragment", "localId", {}),
    "sources": ("dataConsumer", "sources", {}),
    "mark": ("", "", {}),  # an unknown mark, by its type, so that it keeps its place
}
#: Words after a mark that belong to it: (mark, word) → attribute.
MARK_DETAILS = {
    ("link", "title"): "title",
    ("link", "id"): "id",
    ("link", "collection"): "collection",
    ("link", "occurrence"): "occurrenceKey",
    ("border", "border-color"): "color",
    ("fragment", "name"): "name",
    ("breakout", "width"): "width",
}
#: Marks that follow a whole block instead of enclosing words.
BLOCK_MARKS = frozenset({"alignment", "indentation", "fontSize", "breakout"})

_VALUE_WORDS = {mark: word for word, (mark, _, _) in VALUE_MARKS.items()}


def mark_items(mark: Any) -> list[Item]:
    """A mark as items of a brace. An unknown or invalid mark is shown by its type only."""
    mark_type, attrs = kind(mark), attributes(mark)
    principal = _principal(mark_type, attrs)
    if principal is None:
        return [("mark", mark_type or "?")]
    details = [
        (word, shown)
        for (owner, word), name in MARK_DETAILS.items()
        if owner == mark_type and (shown := scalar(attrs.get(name))) is not None
    ]
    return [principal, *details]


def block_mark_items(marks: list[Any]) -> list[Item]:
    """The marks of a paragraph or heading, for the brace after it. Marks of words are left out."""
    return [item for mark in marks for item in (mark_items(mark) if kind(mark) in BLOCK_MARKS else [("mark", kind(mark) or "?")])]


def read_block_marks(items: list[Item]) -> list[Mark] | None:
    """The marks after a paragraph; None when the braces are only text."""
    found, rest = read_marks(items)
    of_words = any(value is None and word in WORD_MARKS and WORD_MARKS[word]["type"] not in BLOCK_MARKS for word, value in items)
    if not found or rest or of_words or any(kind(mark) not in BLOCK_MARKS and len(mark) > 1 for mark in found):
        return None
    return found


def _principal(mark_type: str, attrs: dict[str, Any]) -> Item | None:
    for word, mark in WORD_MARKS.items():
        if mark["type"] == mark_type and all(attrs.get(name) == value for name, value in mark.get("attrs", {}).items()):
            return (word, None)
    if mark_type not in _VALUE_WORDS or mark_type == "":
        return None
    word = _VALUE_WORDS[mark_type]
    value = attrs.get(VALUE_MARKS[word][1])
    if mark_type == "dataConsumer":
        return (word, json.dumps(value)) if _strings(value) else None
    if mark_type == "textColor" and isinstance(value, str) and HEX.fullmatch(value):
        return (value, None)
    shown = scalar(value)
    return None if shown is None else (word, shown)


def read_marks(items: list[Item]) -> tuple[list[Mark], list[Item]]:
    """The marks in the items, in order, and the other items."""
    found: list[Mark] = []
    rest: list[Item] = []
    for word, value in items:
        mark = _read_mark(word, value)
        detail = MARK_DETAILS.get((kind(found[-1]), word)) if found and value is not None else None
        if mark is not None:
            found.append(mark)
        elif detail is not None and value is not None:
            previous = found[-1]
            found[-1] = {**previous, "attrs": {**attributes(previous), detail: _typed(detail, value)}}
        else:
            rest.append((word, value))
    return found, rest


def _read_mark(word: str, value: str | None) -> Mark | None:
    if value is None:
        if HEX.fullmatch(word):
            return {"type": "textColor", "attrs": {"color": word}}
        return WORD_MARKS.get(word)
    if word == "mark":
        return {"type": value}
    if word not in VALUE_MARKS:
        return None
    mark_type, name, constants = VALUE_MARKS[word]
    return {"type": mark_type, "attrs": {name: _typed(name, value), **constants}}


def _typed(name: str, value: str) -> Any:
    if name in ("level", "size", "width"):
        return number(value)
    if name == "sources":
        sources = loads(value)
        return sources if _strings(sources) else [value]
    return value


def scalar(value: Any) -> str | None:
    """A string, number or boolean as written after `key=`; None for anything else."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (bool, int, float)) else None


def shown_value(name: str, value: Any) -> str | None:
    """An attribute's value as written after `key=`; None for one that is not shown (the original keeps it)."""
    if name in JSON_ATTRIBUTES:
        return dump(value)
    return None if name == "localId" else scalar(value)


def number(source: str) -> int | float | str:
    """Parse a number; returns the source when it is not one (`fit` then rejects it by its type)."""
    found = loads(source)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else source


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
