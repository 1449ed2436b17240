"""The notation in one place: which words stand for which marks, attributes and nodes.

`write*.py` and `read*.py` both take their words from here, so that what is written can be read. The page for
users is notation.md.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pmtui.formats.adf.brace import HEX, Item
from pmtui.formats.adf.values import Mark, attributes, dump, kind, loads

# ---- blocks ---------------------------------------------------------------------------------------------

#: An empty paragraph; it also keeps two blocks apart that Markdown would join.
EMPTY_PARAGRAPH = "<!-- -->"
#: Language of the fence that holds a node as JSON.
OPAQUE = "adf"
#: ADF's panel types, and GitHub's two that ADF names otherwise.
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
#: Containers that the next of their kind closes, and where they belong: no need to close each cell.
SECTIONS = {
    "row": ("tableRow", "table"),
    "cell": ("tableCell", "tableRow"),
    "header": ("tableHeader", "tableRow"),
    "column": ("layoutColumn", "layoutSection"),
}
#: In these an expand is a nestedExpand.
HOLDERS_OF_NESTED = frozenset({"expand", "nestedExpand", "tableCell", "tableHeader"})
#: In the brace of a table: every cell has attributes, be they empty, as Atlassian's editor stores them.
CELLS_HAVE_ATTRIBUTES: Item = ("cells", None)
#: One-line blocks `::name …` by their word.
LEAVES = {"card": "blockCard", "embed": "embedCard", "extension": "extension", "sync": "syncBlock"}
#: `:::name rest` and `::name rest`; the rest has blanks around it.
DIRECTIVE = re.compile(r"(:{2,})[ \t]*+([A-Za-z]\w*+)(?![\[:])(.*)$", re.DOTALL)
CLOSING = re.compile(r":{3,}+[ \t]*+$")

#: The attribute that a container's or leaf's label stands for.
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
#: Attributes that are not written while they have this value, and that reading puts back.
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
#: Written for an attribute that is not there although it usually goes without saying.
NONE = "none"
#: Attributes that may be any JSON: written as such.
JSON_ATTRIBUTES = frozenset({"parameters", "data"})

#: `![alt](media:ID)`, and the words for the media's own size beside that of its frame.
MEDIA_SCHEME = "media:"
MEDIA_SHORT = {"width": "w", "height": "h"}

# ---- inline nodes ---------------------------------------------------------------------------------------

#: `:word[text]{…}` by word: node type and the attribute that the text in brackets stands for.
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
#: The attributes shown in braces by a shorter word.
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
#: Marks with a value: word -> (mark, attribute, attributes that go without saying).
VALUE_MARKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "color": ("textColor", "color", {}),
    "bg": ("backgroundColor", "color", {}),
    "link": ("link", "href", {}),
    "comment": ("annotation", "id", {"annotationType": "inlineComment"}),
    "indent": ("indentation", "level", {}),
    "border": ("border", "size", {}),
    "fragment": ("fragment", "localId", {}),
    "sources": ("dataConsumer", "sources", {}),
    "mark": ("", "", {}),  # a mark that we do not know: its type, so that it keeps its place
}
#: What may follow a mark and belongs to it: (mark, word) -> attribute.
MARK_DETAILS = {
    ("link", "title"): "title",
    ("link", "id"): "id",
    ("link", "collection"): "collection",
    ("link", "occurrence"): "occurrenceKey",
    ("border", "border-color"): "color",
    ("fragment", "name"): "name",
    ("breakout", "width"): "width",
}
#: Marks that stand behind a whole block instead of around words.
BLOCK_MARKS = frozenset({"alignment", "indentation", "fontSize", "breakout"})

_WORD_ONLY = [mark for mark in WORD_MARKS.values() if mark["type"] not in BLOCK_MARKS]
_VALUE_WORDS = {mark: word for word, (mark, _, _) in VALUE_MARKS.items()}
_WORDS_OF_MARK: dict[str, list[tuple[str, Mark]]] = {}
for _word, _mark in WORD_MARKS.items():
    _WORDS_OF_MARK.setdefault(_mark["type"], []).append((_word, _mark))


def mark_items(mark: Any) -> list[Item]:
    """How a mark stands in braces. A mark that is unknown or unwell is shown by its type alone."""
    mark_type, attrs = kind(mark), attributes(mark) if isinstance(mark, dict) else {}
    principal = _principal(mark_type, attrs)
    if principal is None:
        return [("mark", mark_type or "?")]
    details = [
        (word, scalar(attrs[name]) or "")
        for (owner, word), name in MARK_DETAILS.items()
        if owner == mark_type and scalar(attrs.get(name)) is not None
    ]
    return [principal, *details]


def block_mark_items(marks: list[Any]) -> list[Item]:
    """The marks of a paragraph or heading, as they stand behind it. Marks of words have no meaning there."""
    return [item for mark in marks for item in (mark_items(mark) if kind(mark) in BLOCK_MARKS else [("mark", kind(mark) or "?")])]


def read_block_marks(items: list[Item]) -> list[Mark] | None:
    """The marks that stand behind a paragraph; None where the braces are but words in braces."""
    found, rest = read_marks(items)
    of_words = any(value is None and WORD_MARKS.get(word) in _WORD_ONLY for word, value in items)
    if not found or rest or of_words or any(kind(mark) not in BLOCK_MARKS and len(mark) > 1 for mark in found):
        return None
    return found


def _principal(mark_type: str, attrs: dict[str, Any]) -> Item | None:
    for word, mark in _WORDS_OF_MARK.get(mark_type, ()):
        if all(attrs.get(name) == value for name, value in mark.get("attrs", {}).items()):
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
    """The marks that the items stand for, in order, and the items that stand for none."""
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
    """A string, number or boolean as it stands behind `key=`; None for anything else."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (bool, int, float)) else None


def shown_value(name: str, value: Any) -> str | None:
    """An attribute's value as it stands behind `key=`; None for one that is not shown (the original keeps it)."""
    if name in JSON_ATTRIBUTES:
        return dump(value)
    return None if name == "localId" else scalar(value)


def number(source: str) -> int | float | str:
    """The number that the source is; the source itself where it is none (fit rejects it by its type)."""
    found = loads(source)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else source


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
