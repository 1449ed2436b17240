"""No string becomes markup: every widget that would parse one is told not to, or is given Content. Read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pmtui.tui

ROOT = Path(str(pmtui.tui.__file__)).parent
FILES = sorted(ROOT.rglob("*.py"))
WITH_OPTION = frozenset({"Static", "Label", "OptionList", "notify"})
"""What parses a string unless it is called with ``markup=False``."""
WITHOUT_OPTION = frozenset({"Button", "Checkbox", "Collapsible", "DataTable", "Header", "ListItem", "Markdown", "Placeholder"}) | frozenset(
    {"RadioButton", "RichLog", "Select", "SelectionList", "Tab", "Tabs", "Tree"}
)
"""What parses strings and cannot be told not to: not used here."""
PARSED_ATTRIBUTES = frozenset({"border_title", "border_subtitle", "tooltip"})


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def is_off(call: ast.Call) -> bool:
    return any(word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False for word in call.keywords)


def parsed(tree: ast.AST) -> Iterator[str]:
    """What a string could become markup in."""
    subclasses = {each.name for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and bases(each) & WITH_OPTION}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = name_of(node)
            if name in WITHOUT_OPTION and isinstance(node.func, ast.Name):
                yield f"line {node.lineno}: {name} parses its strings"
            elif name in WITH_OPTION and not is_off(node):
                yield f"line {node.lineno}: {name} without markup=False"
            elif name == "from_markup" or (name == "escape" and isinstance(node.func, ast.Name)):
                yield f"line {node.lineno}: {name} makes markup"
            elif name == "Option" and node.args and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                yield f"line {node.lineno}: an Option of a string"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in PARSED_ATTRIBUTES:
                    yield f"line {node.lineno}: {target.attr} parses its string"
        elif isinstance(node, ast.ClassDef) and node.name in subclasses:
            yield from unguarded(node)


def bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def unguarded(node: ast.ClassDef) -> Iterator[str]:
    """A subclass with a constructor of its own has to pass the option on."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            calls = [each for each in ast.walk(method) if isinstance(each, ast.Call) and name_of(each) == "__init__"]
            if not any(is_off(call) for call in calls):
                yield f"line {method.lineno}: {node.name} without markup=False"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_string_is_parsed(path: Path) -> None:
    assert list(parsed(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "Static('x')",
        "self.app.notify(words)",
        "Label(title, markup=True)",
        "Button('go')",
        "OptionList()",
        "box.border_title = title",
        "Content.from_markup(title)",
        "Option(f'{title}')",
        "class Head(Static):\n    def __init__(self):\n        super().__init__('')",
    ],
)
def test_the_reader_finds_what_is_wrong(source: str) -> None:
    assert list(parsed(ast.parse(source)))
