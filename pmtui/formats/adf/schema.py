"""ADF's schema as tables: attributes, marks and nesting.

The tables follow the published description of the Atlassian Document Format. If its JSON schema (@atlaskit/adf-schema
57.7.22) is available, the tests compare them with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pmtui.formats.adf.values import Mark, kind

Check = Callable[[Any], bool]


def _number(low: float = -math.inf, high: float = math.inf) -> Check:
    return lambda v: isinstance(v, (int, float)) and not isinstance(v, bool) and low <= v <= high


def _string(pattern: str) -> Check:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda v: isinstance(v, str) and compiled.search(v) is not None


def _list_of(check: Check, least: int = 0) -> Check:
    return lambda v: isinstance(v, list) and len(v) >= least and all(map(check, v))


def _one_of(*values: str) -> Check:
    return lambda v: isinstance(v, str) and v in values


def _is_datasource(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"id", "parameters", "views"} or not isinstance(value["id"], str):
        return False
    views = value["views"]
    return isinstance(views, list) and bool(views) and all(map(_is_view, views))


def _is_view(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= {"type", "properties"} and isinstance(value.get("type"), str)


_STRING: Check = lambda v: isinstance(v, str)  # noqa: E731 - one line of a table
CHECKS: dict[str, Check] = {
    "": _STRING,
    "filled": _string("."),
    "number": _number(),
    "percent": _number(0, 100),
    "positive": _number(0),
    "level": _number(1, 6),
    "thickness": _number(1, 3),
    "numbers": _list_of(_number()),
    "strings": _list_of(_STRING, 1),
    "boolean": lambda v: isinstance(v, bool),
    "any": lambda v: True,
    "datasource": _is_datasource,
    "hex": _string(r"^#[0-9a-fA-F]{6}\n?\Z"),
    "hex8": _string(r"^#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?\n?\Z"),
    "status": _string(r"^(?:neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})\n?\Z"),
    "newline": _one_of("\n"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """One allowed shape of attributes: a check for each name, and the required names."""

    checks: dict[str, Check]
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A node or mark type. `attrs_required`: the key `attrs` must be there, perhaps empty."""

    forms: tuple[Form, ...]
    attrs_required: bool
    marks: frozenset[str] = frozenset()


def _forms(source: str) -> tuple[Form, ...]:
    forms = []
    for alternative in source.split("|"):
        checks, required = {}, set()
        for token in alternative.split():
            name, _, check = token.partition(":")
            if name.endswith("!"):
                name = name[:-1]
                required.add(name)
            checks[name] = CHECKS.get(check) or _one_of(*check.split("/"))
        forms.append(Form(checks, frozenset(required)))
    return tuple(forms)


_EXTENSION = "extensionKey!:filled extensionType!:filled parameters:any text localId:filled"
_BLOCK_EXTENSION = _EXTENSION + " layout:wide/full-width/default"
_CELL = "colspan:number rowspan:number colwidth:numbers background localId valign:top/middle/bottom"
_LAYOUT = "wide/full-width/center/wrap-right/wrap-left/align-end/align-start"
_ID_ONLY = "blockquote bulletList caption layoutSection listItem paragraph rule tableRow"
#: Attributes of each node: name, "!" if required, and a check or the allowed words (without either: a string). "|" separates forms.
_ATTRIBUTES = dict.fromkeys(_ID_ONLY.split(), "localId") | {
    "blockCard": f"localId url datasource!:datasource width:number layout:{_LAYOUT} | url! localId | data!:any localId",
    "blockTaskItem": "localId! state!:TODO/DONE",
    "bodiedExtension": _BLOCK_EXTENSION,
    "bodiedSyncBlock": "resourceId! localId!",
    "codeBlock": "language uniqueId localId wrap:boolean hideLineNumbers:boolean",
    "date": "timestamp!:filled localId",
    "decisionItem": "localId! state!",
    "decisionList": "localId!",
    "embedCard": f"url! layout!:{_LAYOUT} width:percent originalHeight:number originalWidth:number localId",
    "emoji": "shortName! id text localId",
    "expand": "title localId",
    "extension": _BLOCK_EXTENSION,
    "hardBreak": "text:newline localId",
    "heading": "level!:level localId",
    "inlineCard": "url! localId | data!:any localId",
    "inlineExtension": _EXTENSION,
    "layoutColumn": "width!:percent localId valign:top/middle/bottom",
    "media": "type!:link/file localId id!:filled alt collection! height:number occurrenceKey:filled width:number"
    " | type!:external localId alt height:number width:number url!",
    "mediaGroup": "",
    "mediaInline": "type:link/file/image localId id!:filled alt collection! occurrenceKey:filled width:number height:number data:any",
    "mediaSingle": f"localId width:percent layout!:{_LAYOUT} widthType:percentage"
    f" | localId width!:positive widthType!:pixel layout!:{_LAYOUT}",
    "mention": "id! localId text accessLevel userType:DEFAULT/SPECIAL/APP",
    "nestedExpand": "title localId",
    "orderedList": "order:positive localId",
    "panel": "panelType!:info/note/tip/warning/error/success/custom panelIcon panelIconId panelIconText panelColor localId",
    "placeholder": "text! localId",
    "status": "text!:filled color!:status localId style",
    "syncBlock": "resourceId! localId!",
    "table": "displayMode:default/fixed isNumberColumnEnabled:boolean localId:filled width:number"
    " layout:wide/full-width/center/align-end/align-start/default",
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "taskItem": "localId! state!:TODO/DONE",
    "taskList": "localId!",
    "text": "",
}

#: Marks that a node may have anywhere. Marks allowed only in some parents are in NESTING.
_MARKS = {
    "bodiedExtension": "dataConsumer fragment",
    "bodiedSyncBlock": "breakout",
    "extension": "dataConsumer fragment",
    "inlineExtension": "dataConsumer fragment",
    "layoutSection": "breakout",
    "media": "dataConsumer link annotation border",
    "mediaInline": "dataConsumer link annotation border",
    "mediaSingle": "link",
    "syncBlock": "breakout",
    "table": "fragment",
}

_MARK_ATTRIBUTES = {
    "alignment": "align!:center/end",
    "annotation": "id! annotationType!:inlineComment",
    "backgroundColor": "color!:hex",
    "border": "size!:thickness color!:hex8",
    "breakout": "mode!:wide/full-width width:number",
    "code": "",
    "dataConsumer": "sources!:strings",
    "em": "",
    "fontSize": "fontSize!:small",
    "fragment": "localId!:filled name",
    "indentation": "level!:level",
    "link": "href! title id collection occurrenceKey",
    "strike": "",
    "strong": "",
    "subsup": "type!:sub/sup",
    "textColor": "color!:hex",
    "underline": "",
}


def _rule(name: str, source: str, carried: str = "") -> Rule:
    forms = _forms(source) if source else ()
    required = bool(forms) and all(form.required for form in forms)
    return Rule(forms, (required and name != "mediaSingle") or name == "nestedExpand", frozenset(carried.split()))


NODES = {name: _rule(name, source, _MARKS.get(name, "")) for name, source in _ATTRIBUTES.items()}
MARKS = {name: _rule(name, source) for name, source in _MARK_ATTRIBUTES.items()}

# ---- nesting --------------------------------------------------------------------------------------------

_INLINE = "text date emoji hardBreak inlineCard mention placeholder status inlineExtension mediaInline"
_SMALL = "paragraph+fontSize"
_ALIGNED = "paragraph+fontSize+alignment"
_INDENTED = "paragraph+fontSize+indentation"
_HEADINGS = "heading+alignment heading+indentation"
_MEDIA = "mediaSingle mediaGroup"
_LISTS = "bulletList orderedList"
_NOT_NESTABLE = (
    f"{_SMALL} panel blockquote {_LISTS} rule heading codeBlock {_MEDIA} decisionList taskList table blockCard embedCard extension"
)
_CELL_LEAVES = "decisionList taskList blockCard embedCard extension nestedExpand"
_CELL_CONTENT = f"{_ALIGNED} panel blockquote {_LISTS} rule {_HEADINGS} codeBlock {_MEDIA} {_CELL_LEAVES}"
_BLOCKS = (
    f"{_ALIGNED} {_INDENTED} {_HEADINGS} blockCard codeBlock {_MEDIA} taskList {_LISTS} blockquote decisionList embedCard"
    " extension rule panel table bodiedExtension expand"
)
#: The allowed content of each node. "a+x+y": an `a` with only the marks x and y (besides those allowed anywhere).
NESTING: dict[str, str] = {
    "doc": f"{_BLOCKS} codeBlock+breakout expand+breakout layoutSection syncBlock bodiedSyncBlock",
    "layoutColumn": _BLOCKS,
    "bodiedSyncBlock": (
        f"{_ALIGNED} {_INDENTED} {_HEADINGS} blockCard blockquote {_LISTS} codeBlock decisionList embedCard expand layoutSection"
        f" {_MEDIA} panel rule table taskList"
    ),
    "bodiedExtension": _NOT_NESTABLE,
    "expand": f"{_NOT_NESTABLE} nestedExpand",
    "nestedExpand": f"{_SMALL} heading {_MEDIA} codeBlock {_LISTS} taskList decisionList rule panel blockquote extension",
    "panel": f"{_SMALL} heading {_LISTS} blockCard {_MEDIA} codeBlock taskList rule decisionList extension",
    "blockquote": f"paragraph {_LISTS} codeBlock {_MEDIA} extension",
    "listItem": f"{_SMALL} {_LISTS} taskList mediaSingle codeBlock extension",
    "tableCell": _CELL_CONTENT,
    "tableHeader": _CELL_CONTENT,
    "blockTaskItem": f"{_SMALL} extension",
    "bulletList": "listItem",
    "orderedList": "listItem",
    "taskList": "taskItem taskList blockTaskItem",
    "decisionList": "decisionItem",
    "table": "tableRow",
    "tableRow": "tableCell tableHeader",
    "layoutSection": "layoutColumn",
    "mediaGroup": "media",
    "mediaSingle": "media caption",
    "paragraph": _INLINE,
    "heading": _INLINE,
    "taskItem": _INLINE,
    "decisionItem": _INLINE,
    "caption": "hardBreak mention emoji date placeholder inlineCard status text",
    "codeBlock": "text",
}
#: Nodes whose content is inline nodes, not blocks.
WORDY = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption", "codeBlock"})
INLINE = frozenset(_INLINE.split())
#: Nodes that may be empty; every other node of blocks needs at least one.
MAY_BE_EMPTY = WORDY | {"doc", "tableRow"}
_TEXT_MARKS = (
    frozenset({"link", "em", "strong", "strike", "subsup", "underline", "textColor", "annotation", "backgroundColor"}),
    frozenset({"code", "link", "annotation"}),
)


@cache
def _variants(parent: str) -> dict[str, tuple[frozenset[str], ...]]:
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for token in NESTING.get(parent, "").split():
        child, *extra = token.split("+")
        found[child] = (*found.get(child, ()), NODES[child].marks | frozenset(extra))
    if "text" in found:
        found["text"] = (frozenset(),) if parent == "codeBlock" else _TEXT_MARKS
    return found


def may_hold(parent: str, child: str) -> bool:
    """Whether a node of this type is allowed directly in the parent."""
    return child in _variants(parent)


def mark_sets(parent: str, child: str) -> tuple[frozenset[str], ...]:
    """The sets of marks for the child in this parent: it may have any subset of one of them."""
    return _variants(parent)[child]


def has_valid_attributes(found: dict[str, Any], rule: Rule) -> bool:
    """Whether the attributes of a node or mark match one of the rule's forms, or may be missing and are."""
    if "attrs" not in found:
        return not rule.attrs_required
    attrs = found["attrs"]
    return isinstance(attrs, dict) and any(
        form.required <= attrs.keys() and all(k in form.checks and form.checks[k](v) for k, v in attrs.items()) for form in rule.forms
    )


def is_attribute(node_type: str, name: str, value: Any) -> bool:
    """Whether the attribute may have this value in any form of the node."""
    rule = NODES.get(node_type)
    return rule is not None and any(name in form.checks and form.checks[name](value) for form in rule.forms)


def is_valid_mark(mark: Any) -> bool:
    """Whether a mark is valid."""
    rule = MARKS.get(kind(mark))
    return rule is not None and set(mark) <= {"type", "attrs"} and has_valid_attributes(mark, rule)


def valid_marks(found: list[Any], parent: str, child: str) -> list[Mark]:
    """The marks that the child may have in this parent: one of each type, as many as are allowed together."""
    good: dict[str, Mark] = {kind(mark): mark for mark in found if is_valid_mark(mark)}
    best = max(mark_sets(parent, child), key=lambda allowed: (("code" in good and "code" in allowed), len(allowed & good.keys())))
    return [mark for name, mark in good.items() if name in best]
