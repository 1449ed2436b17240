"""Front matter: the YAML between two lines of ``---`` at the start of a Markdown file.

Every scalar is a string: a date stays the text of a date, ``no`` stays ``no``. Values are written one per line, in a stable
order. An update rewrites only the lines of changed entries; all other bytes stay, including comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml

_PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?")
"""Dates are written without quotes, as people and site generators do."""

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9 .,_()/+-]*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

Entry: TypeAlias = "str | list[Entry] | dict[str, Entry] | None"
"""The value of a key. None is a key without a value."""

_LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+$")
"""Line breaks as in YAML."""
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader if PyYAML has it: fifteen times faster."""
_SHORT = 20_000  # the most characters that the slow loader reads
DEEPEST = 20
"""The most levels of nesting that are read."""
_OPENS = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken)
_CLOSES = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
_LONG = 1000  # characters of a text that is always quoted, without asking a YAML reader


class FrontMatterError(ValueError):
    """Front matter that cannot be read. ``line`` counts from 1; ``key`` is "" when the error is not about a key."""

    def __init__(self, line: int, key: str, said: str) -> None:
        self.line, self.key, self.said = line, key, said
        super().__init__(f"line {line}{f', {key}' if key else ''}: {said}")


@dataclass(frozen=True, slots=True)
class _Block:
    """A top-level key with its lines, including comments above it."""

    key: str
    entry: Entry
    raw: str


def split(text: str) -> tuple[str, str]:
    """Split a text into the YAML, "" for none, and the rest. Raises FrontMatterError when the front matter has no end."""
    if text.startswith("---\r"):
        raise FrontMatterError(1, "", "this file has mixed line ends: convert them to one kind in an editor")
    if not text.startswith("---\n"):
        return "", text
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return "".join(f"{each}\n" for each in lines[1:number]), "\n".join(lines[number + 1 :])
    raise FrontMatterError(1, "", "the front matter that begins here has no end: add a line of ---")


def read(source: str) -> dict[str, Entry]:
    """Parse the keys and values. Raises FrontMatterError."""
    return {block.key: block.entry for block in _blocks(source)[0]}


def write(entries: Mapping[str, Entry]) -> str:
    """The entries as YAML, one value per line."""
    return "".join(_line(key, entry) for key, entry in entries.items())


def update(source: str, entries: Mapping[str, Entry], order: Sequence[str]) -> str:
    """The YAML with exactly these entries: equal ones keep their lines, new ones are inserted by ``order``."""
    blocks, tail = _blocks(source)
    kept = [block if block.entry == entries[block.key] else _changed(block, entries[block.key]) for block in blocks if block.key in entries]
    for key in (key for key in entries if key not in {block.key for block in blocks}):
        kept.insert(_place(key, [block.key for block in kept], order), _Block(key, entries[key], _line(key, entries[key])))
    updated = "".join(block.raw for block in kept) + tail
    return updated if read(updated) == dict(entries) else write(entries)


def _changed(block: _Block, entry: Entry) -> _Block:
    """The block with a new entry; comments and blank lines after it stay."""
    lines = _LINE.findall(block.raw)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    return _Block(block.key, entry, "".join(lines[:start]) + _line(block.key, entry) + "".join(lines[end:]))


def _place(key: str, present: Sequence[str], order: Sequence[str]) -> int:
    """The index for a new key: after the last key that precedes it in the order; keys not in the order go to the end."""
    if key not in order:
        return len(present)
    before = set(order[: order.index(key)])
    return max((number for number, each in enumerate(present, 1) if each in before), default=0)


def _blocks(source: str) -> tuple[list[_Block], str]:
    """Each key with its lines, and the text after the last (comments)."""
    root = _compose(source)
    if root is None:
        return [], source
    if not isinstance(root, yaml.MappingNode):
        raise FrontMatterError(2, "", "this is not a list of keys and values")
    lines = _LINE.findall(source)
    if root.flow_style:
        raise FrontMatterError(2, "", "write one key per line, without braces around them")
    pairs = [(_key(key), key.start_mark.line, value) for key, value in root.value]
    seen: set[str] = set()
    for name, line, _ in pairs:
        if name in seen:
            raise FrontMatterError(line + 2, name, "this key is here twice")
        seen.add(name)
    ends = [*(line for _, line, _ in pairs[1:]), len(lines)]
    starts = [0, *ends[:-1]]
    made = [
        _Block(name, _entry(value, name), "".join(lines[start:end]))
        for (name, _, value), start, end in zip(pairs, starts, ends, strict=True)
    ]
    return made, ""


def _compose(source: str) -> yaml.Node | None:
    try:
        return _nodes(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FrontMatterError(mark.line + 2 if mark else 1, "", error.problem or error.context or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise FrontMatterError(1, "", str(error).splitlines()[0]) from None
    except RecursionError:
        raise FrontMatterError(1, "", "this is nested too deep") from None


def _nodes(source: str) -> yaml.Node | None:
    """Parse YAML. Raises yaml.YAMLError, FrontMatterError. libyaml refuses lone surrogates, which PyYAML accepts, but slowly."""
    try:
        return _composed(source, _QUICK)
    except yaml.YAMLError:
        if "\\" not in source or len(source) > _SHORT:
            raise
        return _composed(source, yaml.SafeLoader)


def _composed(source: str, loader: type[yaml.SafeLoader]) -> yaml.Node | None:
    depth = 0
    for token in yaml.scan(source, Loader=loader):
        depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
        if depth > DEEPEST:  # raised at once: the reader's time is quadratic in the depth
            raise FrontMatterError(token.start_mark.line + 2, "", "this is nested too deep")
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            raise FrontMatterError(token.start_mark.line + 2, "", "anchors and aliases (& and *) are not supported; put the text in quotes")
    return yaml.compose(source, Loader=loader)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise FrontMatterError(node.start_mark.line + 2, "", "a key must be one word")
    return str(node.value)


def _entry(node: yaml.Node, key: str, depth: int = 0) -> Entry:
    if depth > DEEPEST:
        raise FrontMatterError(node.start_mark.line + 2, key, "this is nested too deep")
    if isinstance(node, yaml.ScalarNode):
        null = not node.style and node.value in ("", "~", "null")
        return None if null else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_entry(each, key, depth + 1) for each in node.value]
    assert isinstance(node, yaml.MappingNode)
    return {_key(name): _entry(value, f"{key}.{_key(name)}", depth + 1) for name, value in node.value}


def _line(key: str, entry: Entry) -> str:
    return "".join(f"{line}\n" for line in _written(key, entry, ""))


def _written(key: str, entry: Entry, indent: str) -> Iterator[str]:
    head = f"{indent}{scalar(key)}:"
    match entry:
        case None:
            yield head
        case str() if key == "date" and _PLAIN_DATE.fullmatch(entry):  # site generators expect a date there
            yield f"{head} {entry}"
        case str():
            yield f"{head} {scalar(entry)}"
        case []:
            yield f"{head} []"
        case {} if not entry:
            yield f"{head} {{}}"
        case list():
            yield head
            for each in entry:
                yield f"{indent}  - {_inline(each)}"
        case dict():
            yield head
            for name, value in entry.items():
                yield from _written(name, value, indent + "  ")


def _inline(entry: Entry) -> str:
    """A list item in one line."""
    if entry is None:
        return "null"
    if isinstance(entry, str):
        return scalar(entry)
    if isinstance(entry, list):
        return f"[{', '.join(_quoted(each) for each in entry)}]"
    return f"{{{', '.join(f'{_quote(name)}: {_quoted(value)}' for name, value in entry.items())}}}"


def _quoted(entry: Entry) -> str:
    return _quote(entry) if isinstance(entry, str) else _inline(entry)


def scalar(text: str) -> str:
    """A text as one line of YAML: plain if every reader gives back this text, else in double quotes."""
    plain = text and text.isprintable() and text.strip() == text and (_surely_plain(text) or (len(text) < _LONG and _reads_as(text)))
    return text if plain else _quote(text)


def _surely_plain(text: str) -> bool:
    """A fast check for most texts: only words, without characters that are special in YAML."""
    return bool(_WORDS.fullmatch(text)) and text.lower() not in _RESERVED


def _reads_as(text: str) -> bool:
    """Whether a YAML reader reads the plain text as this string."""
    try:
        return bool(yaml.load(f"k: {text}", _QUICK) == {"k": text}) and bool(yaml.load(f"- {text}", _QUICK) == [text])
    except (yaml.YAMLError, ValueError, RecursionError):  # such as a thousand brackets
        return False


def _quote(text: str) -> str:
    made = yaml.dump(text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=10**9)
    return str(made).rstrip("\n")
