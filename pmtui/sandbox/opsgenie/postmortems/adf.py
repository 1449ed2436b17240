"""Builds documents in Atlassian Document Format, from the few nodes that the sandbox uses.

Node and mark names as in the vendor's published schema (2026). Documents are plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.state import stable_id

PROMPT_COLOR = "#7a869a"
HEADING_LEVEL = 4

# Heading and grey prompt of each section of the default template. The first four stand in the vendor's documentation,
# the last two in a third party's copy of it.
TEMPLATE = (
    ("Leadup", "Describe the circumstances that led to this incident"),
    ("Fault", "Describe what failed to work as expected"),
    ("Detection", "Describe how the incident was detected"),
    ("Root causes", "Run a 5-whys analysis to understand the true causes of the incident"),
    ("Mitigation and resolution", "What steps did you take to resolve this incident?"),
    ("Lessons learnt", "What went well? What could have gone better? What else did you learn?"),
)

HARD_BREAK: Json = {"type": "hardBreak"}
RULE: Json = {"type": "rule"}

Mention = Callable[[str], Json]  # a person's key → a mention node


def doc(*blocks: Json) -> Json:
    """A document."""
    return {"version": 1, "type": "doc", "content": list(blocks)}


def text(value: str, *marks: Json) -> Json:
    """A text node; `value` is not empty."""
    return {"type": "text", "text": value, "marks": list(marks)} if marks else {"type": "text", "text": value}


def mark(kind: str, **attrs: Any) -> Json:
    """A mark."""
    return {"type": kind, "attrs": attrs} if attrs else {"type": kind}


def node(kind: str, content: list[Json] | None = None, **attrs: Any) -> Json:
    """A node; keys without a value are left out."""
    made: Json = {"type": kind}
    if attrs:
        made["attrs"] = attrs
    if content is not None:
        made["content"] = content
    return made


def heading(title: str, level: int = HEADING_LEVEL) -> Json:
    """A heading."""
    return node("heading", [text(title)], level=level)


def paragraph(*inline: Json | str) -> Json:
    """A paragraph of inline nodes and plain texts."""
    return node("paragraph", [text(item) if isinstance(item, str) else item for item in inline])


def prompt(words: str, *, final: bool = False) -> Json:
    """A grey prompt of the template; every prompt but the last ends with a hard break."""
    grey = text(words, mark("textColor", color=PROMPT_COLOR))
    return node("paragraph", [grey] if final else [grey, HARD_BREAK])


def default_template() -> Json:
    """The document of a new postmortem."""
    blocks: list[Json] = []
    for index, (title, words) in enumerate(TEMPLATE):
        blocks += [heading(title), prompt(words, final=index == len(TEMPLATE) - 1)]
    return doc(*blocks)


def bullets(items: list[list[Json]], *, ordered: bool = False) -> Json:
    """A list whose items are one paragraph each."""
    made = [node("listItem", [node("paragraph", inline)]) for inline in items]
    return node("orderedList", made, order=1) if ordered else node("bulletList", made)


def table(header: list[list[Json]], rows: list[list[list[Json]]], key: str) -> Json:
    """A table; every cell is one paragraph. `key` makes its local id."""
    head = node("tableRow", [node("tableHeader", [node("paragraph", inline)]) for inline in header])
    body = [node("tableRow", [node("tableCell", [node("paragraph", inline)]) for inline in row]) for row in rows]
    return node("table", [head, *body], isNumberColumnEnabled=False, layout="default", localId=stable_id("table", key))


def status(words: str, color: str) -> Json:
    """A coloured status word."""
    return node("status", text=words, color=color, localId=stable_id("status", words), style="")


def date(moment: datetime) -> Json:
    """A date; its time stamp is a text of milliseconds."""
    return node("date", timestamp=str(round(moment.timestamp() * 1000)))


_INLINE = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*\s][^*]*)\*|`(?P<code>[^`]+)`|\[(?P<label>[^\[\]]+)\]\((?P<url>[^()\s]+)\)|@\[(?P<person>[^\[\]]+)\]"
)


def inline(words: str, mention: Mention) -> list[Json]:
    """The inline nodes of a text in the world's notation: **bold**, *emphasis*, `code`, [label](url), @[key]."""
    nodes: list[Json] = []
    at = 0
    for match in _INLINE.finditer(words):
        if match.start() > at:
            nodes.append(text(words[at : match.start()]))
        nodes.append(_marked(match.groupdict(), mention))
        at = match.end()
    if at < len(words):
        nodes.append(text(words[at:]))
    return nodes


def _marked(found: Mapping[str, str | None], mention: Mention) -> Json:
    if found["person"]:
        return mention(found["person"])
    if found["label"]:
        return text(found["label"], mark("link", href=found["url"]))
    kind = next(name for name in ("strong", "em", "code") if found[name])
    return text(str(found[kind]), mark(kind))


def with_local_ids(document: Json) -> Json:
    """The document with a local id on every block without one, as an editing server might add them."""

    def walk(item: Json, path: str) -> Json:
        if item["type"] == "text" or not isinstance(item.get("content"), list):
            return item
        attrs = {"localId": stable_id("local", path), **item.get("attrs", {})}
        content = [walk(child, f"{path}.{index}") for index, child in enumerate(item["content"])]
        return {**item, "attrs": attrs, "content": content}

    return {**document, "content": [walk(block, str(index)) for index, block in enumerate(document["content"])]}
