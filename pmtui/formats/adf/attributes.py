"""Node attributes as the items of a brace, and back; and whether a brace has nothing else."""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import DEFAULTS, JSON_ATTRIBUTES, LONG, NONE, SHORT, STATUS_COLORS, WORDS, number, read_marks, shown_value
from pmtui.formats.adf.schema import NODES, is_attribute
from pmtui.formats.adf.values import Mark, Node, attributes, kind, loads


def attribute_items(node: Node, label: str = "") -> list[Item]:
    """A node's attributes as items of its brace, without the one that is its label."""
    node_type, attrs = kind(node), attributes(node)
    defaults = DEFAULTS.get(node_type, {})
    items: list[Item] = []
    for name, value in attrs.items():
        shown = shown_value(name, value)
        if name == label or shown is None or not is_attribute(node_type, name, value) or (name in defaults and defaults[name] == value):
            continue
        if node_type == "status" and name == "color" and (shown in STATUS_COLORS or brace.HEX.fullmatch(shown)):
            items.insert(0, (shown, None))
        else:
            items.append((SHORT.get(name, name), shown))
    absent = [name for name in defaults if name != label and not is_attribute(node_type, name, attrs.get(name))]
    return [*items, *((SHORT.get(name, name), NONE) for name in absent)]


def read_attributes(node_type: str, items: list[Item]) -> dict[str, Any]:
    """Attributes from the items of a brace, converted to the types of the node's attributes; unknown items are left out."""
    found: dict[str, Any] = {}
    for key, value in items:
        name = key if key in _names(node_type) else LONG.get(key, key)
        if value is None:
            continue
        if name in JSON_ATTRIBUTES:
            if value == "null" or loads(value) is not None:
                found[name] = loads(value)
            continue
        for typed in (value, number(value), {"true": True, "false": False}.get(value)):
            if typed is not None and is_attribute(node_type, name, typed):
                found[name] = typed
                break
    return found


def understood(node_type: str, items: list[Item]) -> bool:
    """Whether each item is an attribute of this node type. Any other brace is text, so that nothing is dropped."""
    defaults = DEFAULTS.get(node_type, {})
    return all((LONG.get(key, key) in defaults and value == NONE) or read_attributes(node_type, [(key, value)]) for key, value in items)


def with_defaults(node_type: str, attrs: dict[str, Any], items: list[Item]) -> dict[str, Any]:
    """The attributes from the notation, the defaults, and the attributes of the brace."""
    defaults = DEFAULTS.get(node_type, {})
    absent = {LONG.get(key, key) for key, value in items if value == NONE} & defaults.keys()
    said = [(key, value) for key, value in items if LONG.get(key, key) not in absent]
    return {**{name: value for name, value in defaults.items() if name not in absent}, **attrs, **read_attributes(node_type, said)}


def _names(node_type: str) -> set[str]:
    rule = NODES.get(node_type)
    return {name for form in rule.forms for name in form.checks} if rule else set()


def info_of(info: str) -> tuple[str, dict[str, Any], list[Mark]]:
    """Read the info string of a fence: its language, and attributes and marks from a brace that has nothing else."""
    words, items = brace.trailing(info)
    marks, rest = read_marks(items)
    if not understood("codeBlock", rest):
        return info, {}, []
    return words.rstrip(" \t"), read_attributes("codeBlock", rest), marks


def is_word(word: str, items: list[Item]) -> bool:
    """Whether `:word[…]` with these items is part of the notation."""
    if word == "status" and items and items[0][1] is None:
        items = [("color", items[0][0]), *items[1:]]
    return word == "adf" or (word in WORDS and understood(WORDS[word][0], items))
