"""Writes pictures and files: `![alt](media:ID){…}` on its own line."""

from __future__ import annotations

from collections.abc import Sequence

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import MEDIA_SCHEME, MEDIA_SHORT, mark_items, scalar
from pmtui.formats.adf.schema import is_attribute
from pmtui.formats.adf.values import Node, attributes, children, kind, marks
from pmtui.formats.adf.write import escape


def simple_media(single: Node) -> list[str] | None:
    """A mediaSingle with one media node and no caption, as one line; None for any other."""
    content = children(single)
    if len(content) != 1 or kind(content[0]) != "media" or marks(single):
        return None
    return write_media(content[0], attribute_items(single))


def write_media(media: Node, frame: Sequence[Item] = ()) -> list[str] | None:
    """A media node, with the items of the frame around it; None when it does not fit a line."""
    attrs = attributes(media)
    name = "url" if attrs.get("type") == "external" else "id"
    target = attrs.get(name)
    if "content" in media or not isinstance(target, str) or not is_attribute("media", "type", attrs.get("type")):
        return None
    items: list[Item] = []
    if escape.is_plain_url(target):
        target = target if name == "url" else MEDIA_SCHEME + target
        if name == "url" and target.startswith(MEDIA_SCHEME):
            return None
    else:
        items.append((name, target))
        target = "" if name == "url" else MEDIA_SCHEME
    alt = attrs.get("alt")
    if alt == "":
        items.append(("alt", ""))
    for key, value in attrs.items():
        shown = scalar(value)
        if shown and key in (*MEDIA_SHORT, "collection", "occurrenceKey") and is_attribute("media", key, value):
            items.append((MEDIA_SHORT.get(key, key), shown))
    if attrs.get("type") == "link":
        items.append(("type", "link"))
    around = _address_around(media)
    items += [*frame, *(item for mark in marks(media) for item in mark_items(mark) if not around)]
    line = f"![{escape.in_brackets(alt) if isinstance(alt, str) else ''}]({target}){brace.write(items)}"
    return [f"[{line}]({around})" if around else line]


def _address_around(media: Node) -> str:
    """The address of a picture whose only mark is a plain link; "" for any other."""
    href = attributes(marks(media)[0]).get("href") if len(marks(media)) == 1 else None
    plain = isinstance(href, str) and marks(media) == [{"type": "link", "attrs": {"href": href}}] and escape.is_plain_url(href)
    return str(href) if plain else ""
