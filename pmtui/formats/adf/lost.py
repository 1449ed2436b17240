"""What a document would lose if it were made from its Markdown alone, without the original at hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pmtui.formats.adf.values import attributes, children, dump, kind, marks, text_of, walk

#: Attributes that nobody misses: they are made anew.
_REMADE = frozenset({"localId"})


def lost(document: dict[str, Any], again: dict[str, Any]) -> list[str]:
    """What is in a document and not in its second making, each kind of thing once, sorted, with how often."""
    missing = _parts(document) - _parts(again)
    return [f"{name} ({count})" if count > 1 else name for name, count in sorted(_named(missing).items())]


def _parts(document: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Everything that the document consists of but its order: (what it is called, its value)."""
    found: Counter[tuple[str, str]] = Counter()
    for node in walk(document):
        node_type = kind(node) or "?"
        found[(f"node {node_type}", "")] += node_type != "text"
        words = "".join(text_of(child) if kind(child) == "text" else " " for child in children(node))
        found.update((f"word {word}", "") for word in words.split())
        for name, value in attributes(node).items():
            found[(f"{node_type}: {name}", dump(value))] += name not in _REMADE
        for mark in marks(node):
            found[(f"mark {kind(mark) or '?'}", dump(mark))] += len(text_of(node)) or 1
        for name in node.keys() - {"type", "attrs", "content", "marks", "text", "version"}:
            found[(f"{node_type}: {name}", dump(node[name]))] += 1
    return found


def _named(missing: Counter[tuple[str, str]]) -> Counter[str]:
    named: Counter[str] = Counter()
    for (name, _), count in missing.items():
        named[name] += 1 if name.startswith("mark ") else count
    return named
