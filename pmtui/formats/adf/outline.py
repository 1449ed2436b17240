"""Tells the blocks of a Markdown text apart by its lines alone, for the editor: without a parser, in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pmtui.formats.adf.notation import LEAVES, OPAQUE
from pmtui.formats.adf.opaque import describe_fence

_FENCE = re.compile(r"(?P<prefix>(?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_LEAF = re.compile(r"[ \t>]*::[ \t]*(" + "|".join(LEAVES) + r")\b[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class OpaqueBlock:
    """Lines that are moved and deleted as one and not edited: [first, last), counted from 0, and what they are.

    The description ("extension: jira-chart") is foreign text: show it through `display`.
    """

    first: int
    last: int
    description: str


def opaque_blocks(markdown: str) -> list[OpaqueBlock]:
    """The opaque blocks of a text, in order. Fences that hold anything else are not among them."""
    blocks: list[OpaqueBlock] = []
    lines = markdown.split("\n")
    index = 0
    while index < len(lines):
        fence = _FENCE.match(lines[index])
        if fence is None:
            if leaf := _LEAF.match(lines[index]):
                blocks.append(OpaqueBlock(index, index + 1, f"{LEAVES[leaf[1]]}: {leaf[2]}".rstrip(": ")))
            index += 1
            continue
        last = _end_of_fence(lines, index, fence["ticks"])
        if fence["info"].strip() == OPAQUE:
            width = len(fence["prefix"])
            body = "\n".join(line[width:] for line in lines[index + 1 : max(last - 1, index + 1)])
            blocks.append(OpaqueBlock(index, last, describe_fence(body)))
        index = last
    return blocks


def _end_of_fence(lines: list[str], first: int, ticks: str) -> int:
    closing = re.compile(rf"[ \t>]*{re.escape(ticks[0])}{{{len(ticks)},}}[ \t]*$")
    for index in range(first + 1, len(lines)):
        if closing.match(lines[index]):
            return index + 1
    return len(lines)
