"""Documents for property tests: plausible ones, and invalid ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Node = dict[str, Any]

_SNIPPETS = [
    "*",
    "**",
    "_x_",
    "a`b",
    "[x](y)",
    "<b>",
    "&amp;",
    "\\",
    "# h",
    "- i",
    "1. x",
    "> q",
    "|",
    "~~",
    "---",
    "```",
    ":::",
    ":tada:",
    "{u}",
    "@[a](b)",
]
_WORDS = ["pool", "failover", "latency", "the", "checkout", "ümlaut", "🚨", "max_pool_size", "10:02:33"]

words = st.lists(st.sampled_from(_WORDS + _SNIPPETS), min_size=1, max_size=5).map(" ".join)
any_text = st.one_of(
    words, st.text(min_size=1, max_size=12), st.sampled_from([" ", " a", "a ", "a\nb", "\t", "\u00a0", "\u2028", "\r", "\x00"])
)
hrefs = st.sampled_from(["https://example.com/a", "https://example.com/(b)?x=1&y=2", "#here", "mailto:a@example.com", "x y", "<>"])


def mark(mark_type: str, **attrs: Any) -> Node:
    return {"type": mark_type, **({"attrs": attrs} if attrs else {})}


def node(node_type: str, *content: Node, marks: list[Node] | None = None, **attrs: Any) -> Node:
    made: Node = {"type": node_type}
    if attrs:
        made["attrs"] = attrs
    if content:
        made["content"] = list(content)
    if marks:
        made["marks"] = marks
    return made


def doc(*content: Node) -> Node:
    return {"version": 1, "type": "doc", "content": list(content)}


def text(value: str, *marks: str) -> Node:
    return {"type": "text", "text": value, **({"marks": [{"type": m} for m in marks]} if marks else {})}


def paragraph(value: str) -> Node:
    return node("paragraph", text(value))


_marks = st.lists(
    st.one_of(
        st.sampled_from([mark("strong"), mark("em"), mark("strike"), mark("underline")]),
        st.sampled_from([mark("subsup", type="sub"), mark("textColor", color="#7a869a"), mark("backgroundColor", color="#ffff00")]),
        hrefs.map(lambda href: mark("link", href=href)),
        st.just(mark("annotation", id="c-1", annotationType="inlineComment")),
    ),
    max_size=3,
    unique_by=lambda m: str(m["type"]),
)
_code = st.builds(lambda t: {"type": "text", "text": t, "marks": [mark("code")]}, any_text)
_texts = st.builds(lambda t, m: {"type": "text", "text": t, **({"marks": m} if m else {})}, any_text, _marks)
_others = st.one_of(
    st.just(node("hardBreak")),
    st.builds(lambda i, t: node("mention", id=i, text="@" + t, accessLevel=""), st.sampled_from(["1", "557058:ab", "a b"]), words),
    st.builds(lambda t, c: node("status", text=t, color=c, localId="s"), words, st.sampled_from(["yellow", "#00ff00"])),
    st.integers(0, 2 * 10**12).map(lambda n: node("date", timestamp=str(n))),
    st.sampled_from([node("emoji", shortName=":tada:", id="1f389", text="🎉"), node("emoji", shortName=":ours:", id="x")]),
    hrefs.map(lambda url: node("inlineCard", url=url)),
    st.just(node("inlineExtension", extensionKey="k", extensionType="t", parameters={"a": [1, None]})),
    st.just(node("mediaInline", id="m", collection="c", alt="alt")),
)
inline = st.lists(st.one_of(_texts, _code, _others), max_size=4)
paragraphs = inline.map(lambda content: node("paragraph", *content))
_code_blocks = st.builds(
    lambda t: node("codeBlock", text(t), language="python"), st.one_of(words, st.sampled_from(["```", "a\n\n b\n", "\n", "  "]))
)


def _items(children: st.SearchStrategy[Node]) -> st.SearchStrategy[list[Node]]:
    return st.lists(st.lists(children, max_size=2), min_size=1, max_size=3).map(
        lambda items: [node("listItem", paragraph("item"), *item) for item in items]
    )


_in_items = st.recursive(
    st.one_of(paragraphs, _code_blocks), lambda inner: _items(inner).map(lambda i: node("bulletList", *i)), max_leaves=4
)
_lists = st.one_of(
    _items(_in_items).map(lambda items: node("bulletList", *items)),
    _items(_in_items).map(lambda items: node("orderedList", *items, order=3)),
)
_tasks = st.lists(inline, min_size=1, max_size=3).map(
    lambda items: node("taskList", *[node("taskItem", *i, localId=f"i{n}", state="TODO") for n, i in enumerate(items)], localId="l")
)
_in_cells = st.lists(st.one_of(paragraphs, _lists), min_size=1, max_size=2)
_tables = st.lists(st.lists(_in_cells, min_size=2, max_size=2), min_size=1, max_size=3).map(
    lambda rows: node(
        "table", *[node("tableRow", *[node("tableCell", *cell, colwidth=[120]) for cell in row]) for row in rows], localId="t"
    )
)
_small = st.one_of(paragraphs, _lists, _code_blocks, _tasks)
_nested = st.lists(_small, min_size=1, max_size=2)
blocks = st.one_of(
    _small,
    st.builds(lambda level, content: node("heading", *content, level=level), st.integers(1, 6), inline),
    st.just(node("rule")),
    st.lists(st.one_of(paragraphs, _lists), min_size=1, max_size=2).map(lambda content: node("blockquote", *content)),
    st.builds(
        lambda k, content: node("panel", *content, panelType=k, localId="p"), st.sampled_from(["info", "warning", "custom"]), _nested
    ),
    st.builds(lambda title, content: node("expand", *content, title=title), words, _nested),
    _tables,
    st.just(node("extension", extensionKey="toc", extensionType="t", parameters={"a": "b"})),
    st.just(node("mediaSingle", node("media", type="file", id="m", collection="c", occurrenceKey="o"), layout="center")),
)
#: Documents that the schema allows.
documents = st.lists(blocks, max_size=5).map(lambda content: doc(*content))

_json = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), words), lambda inner: st.lists(inner, max_size=2), max_leaves=4)
_wild_leaf = st.one_of(_texts, _others, blocks, st.builds(lambda v: {"type": "hologram", "attrs": {"v": v}}, _json))
#: Misplaced nodes, unknown types, and unknown keys.
wild_nodes = st.recursive(
    _wild_leaf,
    lambda inner: st.builds(
        lambda t, content, extra: {"type": t, "content": content, "x-extra": extra},
        st.sampled_from(
            ["hologram", "paragraph", "listItem", "tableCell", "taskList", "panel", "mediaSingle", "layoutSection", "bulletList"]
        ),
        st.lists(inner, max_size=3),
        _json,
    ),
    max_leaves=6,
)
wild_documents = st.lists(wild_nodes, max_size=4).map(lambda content: {**doc(*content), "x-meta": 1})

_MARKERS = [
    "> ",
    "- ",
    "1. ",
    "    ",
    "- [ ] ",
    "- <> ",
    "# ",
    "| a | b |",
    "| --- | --- |",
    "```",
    "```adf",
    ":::",
    ":::expand x",
    ":::table",
    ":::row",
]
_MORE = [
    ":::cell {colspan=2}",
    ":::columns",
    ":::column 50",
    ":::adf hologram",
    ":::adf taskItem {inline}",
    "::card https://x",
    "::sync a",
    "::card",
    "::extension a {parameters=NaN}",
    ":card[a]{data=[1e999]}",
    ":::adf hologram {inline}\n",
    "> [!NOTE]",
]
_INLINE = [
    "[a]{b}",
    "[a]{#ff0000 u}",
    "**a**",
    "_a_",
    ":status[x]{red}",
    "@[a](b)",
    "![a](media:b)",
    "<https://x>{card}",
    "{center}",
    "<!-- -->",
    "a\\",
    "&#0;",
]
#: Markdown that uses and misuses the whole notation.
markdowns = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*_MARKERS, *_MORE, *_INLINE, "", "\n", "  ", *_SNIPPETS, *_WORDS]), max_size=14).map("".join),
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["> ", "- ", "  ", "1. ", ""]), max_size=3).map("".join),
            st.sampled_from([*_MARKERS, *_MORE, *_INLINE]),
        ).map("".join),
        max_size=8,
    ).map("\n".join),
)
