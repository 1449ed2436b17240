"""Finds every regular expression of the program, and the methods that use it, by walking the modules and their source."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from tests.test_rooms import MODULES, nodes

METHODS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
_SCANNING = METHODS - {"match", "fullmatch"}
_OF_ATTRIBUTE = re.compile(rf"\.\s*\w+\s*\.\s*(?:{'|'.join(sorted(METHODS - {'split'}))})\b")
_RE = re.compile(r"\bre\b")
"""What the text of a module has if it uses patterns: only such a module is read."""

MADE_OF_OUR_OWN_WORDS = frozenset(
    {
        "pmtui.formats.adf.schema",  # of the schema that is installed with the program
        "pmtui.redaction",  # of the user's own keys, each character escaped
        "pmtui.sandbox.fault_injection",  # of the user's own --fault, each word escaped
        "pmtui.sandbox.routing",  # of our own paths
        "pmtui.tui.theme",  # of a theme's own key, escaped
        "pmtui.tui.editor.list_keys",  # of a number
        "pmtui.tui.editor.search",  # of what the user looks for, at most 500 characters, each escaped
        "pmtui.backends.opsgenie.send",  # of our own words
        "pmtui.formats.mentions",  # of the names in mentions, each character escaped
    }
)
"""Modules that build patterns at run time, from foreign text only when each of its characters is escaped."""


@dataclass(frozen=True)
class Found:
    """A pattern, where it is, and how it is used."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]

    @property
    def uses(self) -> tuple[str, ...]:
        """The ways of matching that differ in time: all scanning methods count as one."""
        return tuple(sorted((self.methods & {"match", "fullmatch"}) | ({"search"} if self.methods & _SCANNING else set())))


@cache
def loaded() -> dict[str, ModuleType]:
    """All modules of the program."""
    return {name: importlib.import_module(name) for name in MODULES if name != "pmtui.__main__"}


def compiled() -> Iterator[Found]:
    """The compiled patterns in globals, classes, collections, defaults and closures of the modules, each once."""
    uses = _uses()
    of_attributes = _uses_of_attributes()
    seen: set[re.Pattern[Any]] = set()
    for name, module in loaded().items():
        for path, pattern in _held(module):
            if pattern not in seen:
                seen.add(pattern)
                methods = uses.get(pattern) or of_attributes.get(path.rpartition(".")[2]) or METHODS
                yield Found(f"{name}.{path}", pattern, frozenset(methods))


def written() -> Iterator[Found]:
    """The constant patterns in calls such as ``re.sub(r"…", …)``, anywhere in a function."""
    for name in MODULES:
        for call, function in _calls(name):
            pattern = _constant(name, call)
            if pattern is not None:
                methods = METHODS if function == "compile" else frozenset({function})
                yield Found(f"{name}:{call.lineno}", re.compile(pattern, _flags(call)), methods)


def unseen() -> Iterator[str]:
    """Calls with a pattern built at run time, in a module that is not listed: no test sees these."""
    for name in MODULES:
        for call, _ in _calls(name):
            if _constant(name, call) is None and name not in MADE_OF_OUR_OWN_WORDS:
                yield f"{name}:{call.lineno}: {ast.unparse(call)}"


@cache
def _text(name: str) -> str:
    return MODULES[name].read_text("utf-8")


def _calls(name: str) -> Iterator[tuple[ast.Call, str]]:
    if not _RE.search(_text(name)):
        return
    for node in nodes(MODULES[name]):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "re", "write re.compile: the test that looks for patterns reads it"
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not isinstance(node.func.value, ast.Name):
            continue
        if node.func.value.id == "re" and node.func.attr in METHODS | {"compile"}:
            yield node, node.func.attr


def _constant(name: str, call: ast.Call) -> Any:
    """The pattern if it is a literal, or made of literals and names of its module; else None."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return first.value
    try:
        value = eval(compile(ast.Expression(first), name, "eval"), vars(importlib.import_module(name)))
    except NameError:
        return None
    return value.pattern if isinstance(value, re.Pattern) else value


def _flags(call: ast.Call) -> int:
    given = [word.value for word in call.keywords if word.arg == "flags"]
    given += [arg for arg in call.args[1:] if isinstance(arg, ast.Attribute | ast.BinOp) and "re." in ast.unparse(arg)]
    return int(eval(ast.unparse(given[0]), {"re": re})) if given else 0


def _held(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    seen: set[int] = set()

    def walk(value: object, path: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
        if isinstance(value, re.Pattern):
            yield path, value
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, Mapping):
            for key, each in list(value.items()):
                yield from walk(each, f"{path}[{key!r}]")
        elif isinstance(value, list | tuple | set | frozenset):
            for each in value:
                yield from walk(each, f"{path}[…]")
        elif isinstance(value, FunctionType) and value.__module__ == module.__name__:
            for cell in value.__closure__ or ():
                yield from walk(cell.cell_contents, f"{path}(…)")
            for each in value.__defaults__ or ():
                yield from walk(each, f"{path}(…)")
        elif getattr(type(value), "__module__", "").startswith("pmtui") or getattr(value, "__module__", None) == module.__name__:
            for key, each in list(getattr(value, "__dict__", {}).items()):
                yield from walk(each, f"{path}.{key}")

    for name, value in list(vars(module).items()):
        if not name.startswith("__"):
            yield from walk(value, name)


def _uses() -> dict[re.Pattern[Any], set[str]]:
    """The methods that use each named pattern, in any module.

    A pattern used as a value ("for pattern in (_ITEM, _ROW)") counts as used by the methods that its module calls on names
    other than modules; by all methods if there are none.
    """
    found: dict[re.Pattern[Any], set[str]] = {}
    for name, module in loaded().items():
        there = vars(module)
        if not any(isinstance(value, re.Pattern) for each in _reached(there) for value in each.values()):
            continue
        asked, of_names = set(), set()
        for node in nodes(MODULES[name]):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                pattern = _named(node.value, there)
                if isinstance(pattern, re.Pattern):
                    found.setdefault(pattern, set()).add(node.attr)
                    asked.add(id(node.value))
                elif isinstance(node.value, ast.Name) and node.value.id not in there and node.attr != "split":  # str has split, too
                    of_names.add(node.attr)
        for node in nodes(MODULES[name]):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in asked:
                pattern = _named(node, there)
                if isinstance(pattern, re.Pattern):
                    found.setdefault(pattern, set()).update(of_names or METHODS)
    return found


def _reached(there: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The globals of a module, and of the modules of ours among them."""
    yield there
    yield from (vars(each) for each in there.values() if isinstance(each, ModuleType) and each.__name__ in MODULES)


def _uses_of_attributes() -> dict[str, set[str]]:
    """The methods called on ``x.y.name``, by ``name``, for patterns in classes."""
    found: dict[str, set[str]] = {}
    for name in MODULES:
        for node in nodes(MODULES[name]) if _OF_ATTRIBUTE.search(_text(name)) else ():
            if isinstance(node, ast.Attribute) and node.attr in METHODS - {"split"} and isinstance(node.value, ast.Attribute):
                found.setdefault(node.value.attr, set()).add(node.attr)
    return found


def _named(node: ast.expr, there: Mapping[str, Any]) -> object:
    if isinstance(node, ast.Name):
        return there.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(there.get(node.value.id), ModuleType):
        return getattr(there[node.value.id], node.attr, None)
    return None
