"""Times the ADF converter on about 100 kB of text, compared with markdown-it-py's bare parse of the same Markdown.

    python -m tests.bench.adf [kilobytes]

Prints milliseconds of processor time, the best of several runs: to Markdown, back, back with the original (one word edited, and
every block edited), the bare parse, and how the time grows when the text is four times as long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt

from pmtui.formats.adf import from_markdown, to_markdown

RUNS = 5
TARGETS = {"to Markdown": 60.0, "back": 100.0}


def document(kilobytes: int) -> dict[str, Any]:
    """A postmortem with about this many kilobytes of text: headings, prose with marks, lists, tables, code."""
    blocks: list[dict[str, Any]] = []
    size = number = 0
    while size < kilobytes * 1000:
        section = _section(number)
        blocks += section
        size += len(to_markdown({"version": 1, "type": "doc", "content": section}))
        number += 1
    return {"version": 1, "type": "doc", "content": blocks}


def _text(value: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": value, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def _paragraph(number: int) -> dict[str, Any]:
    words = "The pool of connections was exhausted after the failover, and customers saw timeouts for minutes. "
    link = {"type": "text", "text": "runbook", "marks": [{"type": "link", "attrs": {"href": f"https://example.com/r/{number}"}}]}
    content = [
        _text(words * 3 + "At 10:02 "),
        _text("we paged", "strong"),
        _text(" the team, see "),
        link,
        _text(f"; pod_{number} of max_pool_size."),
    ]
    return {"type": "paragraph", "attrs": {"localId": f"p{number}"}, "content": content}


def _section(number: int) -> list[dict[str, Any]]:
    items = [{"type": "listItem", "content": [_paragraph(number * 10 + i)]} for i in range(3)]
    cells = [{"type": "tableCell", "content": [{"type": "paragraph", "content": [_text(f"cell {i}")]}]} for i in range(3)]
    heads = [{"type": "tableHeader", "content": [{"type": "paragraph", "content": [_text(f"head {i}")]}]} for i in range(3)]
    return [
        {"type": "heading", "attrs": {"level": 2}, "content": [_text(f"Section {number}")]},
        _paragraph(number),
        {"type": "bulletList", "content": items},
        {"type": "table", "content": [{"type": "tableRow", "content": heads}, *({"type": "tableRow", "content": cells} for _ in range(4))]},
        {"type": "codeBlock", "attrs": {"language": "python"}, "content": [_text("print('x')\n" * 10)]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [_paragraph(number)]},
    ]


def best(work: Callable[[], object]) -> float:
    """The best processor time of several runs, in milliseconds: other programs do not count."""
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return 1000 * min(times)


def main() -> int:
    kilobytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    doc = document(kilobytes)
    text = to_markdown(doc)
    edited, all_edited = text.replace("failover", "switch", 1), text.replace("failover", "switch")
    bare = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    times = {
        "to Markdown": best(lambda: to_markdown(doc)),
        "back": best(lambda: from_markdown(text)),
        "back, one word edited": best(lambda: from_markdown(edited, doc)),
        "back, every block edited": best(lambda: from_markdown(all_edited, doc)),
        "bare parse": best(lambda: bare.parse(text)),
    }
    print(f"{len(text) / 1000:.0f} kB of Markdown")
    for name, spent in times.items():
        target = f"   target {TARGETS[name] * kilobytes / 100:.0f} ms" if name in TARGETS else ""
        print(f"  {name:26} {spent:8.1f} ms   {spent / times['bare parse']:5.2f} bare parses{target}")
    longer = document(4 * kilobytes)
    long_text = to_markdown(longer)
    growth = {"to Markdown": best(lambda: to_markdown(longer)), "back": best(lambda: from_markdown(long_text))}
    for name, spent in growth.items():
        print(f"  {name}, four times the text: {spent / times[name]:.2f} times the time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
