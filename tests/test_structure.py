"""The shape of the house: no import circle, small folders, small files, small functions, and a docstring on what others use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from pmtui.backends.trouble import NO_SERVICE, PASSING, REFUSALS, Trouble
from tests.test_rooms import MODULES, imports, nodes, room, tree

MOST_MODULES = 16
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60


def _imported_at_once(name: str) -> set[str]:
    """The modules of pmtui that a module needs before it can be used: imports inside functions come later and make no circle."""
    top = ast.Module([node for node in tree(MODULES[name]).body if not _only_for_the_checker(node)], [])
    found: set[str] = set()
    for node in _outside_functions(top):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names)
    return {each for each in found if each in MODULES}


def _only_for_the_checker(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def test_no_module_imports_itself_through_others() -> None:
    left = {name: _imported_at_once(name) - {name} for name in MODULES}
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"import circles among {sorted(left)}"


def test_no_circle_hides_in_a_function() -> None:
    """An import inside a function may be late, for a quick start, but it runs downwards as the others do."""
    needed = {name: {each for each in imports(path) if each in MODULES} - {name} for name, path in MODULES.items()}
    left = dict(needed)
    while free := [name for name, found in left.items() if not found & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"import circles among {sorted(left)}"


def test_folders_are_small() -> None:
    folders: dict[Path, int] = {}
    for path in MODULES.values():
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1
    assert {str(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_files_and_functions_are_small() -> None:
    assert {name: lines for name, path in MODULES.items() if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES} == {}
    functions = [
        (name, node) for name, path in MODULES.items() for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {(name, node.name): (node.end_lineno or 0) - node.lineno + 1 for name, node in functions}
    assert {which: lines for which, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def test_what_others_use_has_a_docstring() -> None:
    """Public classes and functions of a module, and public methods; an overridden method has its docstring where it is defined first."""
    undocumented = {name: list(_undocumented(tree(path))) for name, path in MODULES.items() if room(name) != "tui"}
    assert {name: found for name, found in undocumented.items() if found} == {}


def _undocumented(module: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(module):
        yield "the module"
    public = (node for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    yield from (node.name for node in public if not node.name.startswith("_") and not ast.get_docstring(node))


SIDES = frozenset({"base", "mine", "theirs", "server"})
"""Names of versions of one postmortem. They have one type, so that no checker notices when two of them change places."""


def test_versions_that_could_change_places_are_given_by_name() -> None:
    """Two of them are keyword-only in a function, and in a dataclass (which says so by ``kw_only`` or ``KW_ONLY``)."""
    functions = [
        (name, node) for name, path in MODULES.items() for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    positional = [(name, node.name) for name, node in functions if len(SIDES & {each.arg for each in node.args.args}) > 1]
    classes = [(name, node) for name, path in MODULES.items() for node in nodes(path) if isinstance(node, ast.ClassDef)]
    positional += [(name, node.name) for name, node in classes if node.decorator_list and len(SIDES & _fields_by_place(node)) > 1]
    assert positional == []


def _fields_by_place(node: ast.ClassDef) -> set[str]:
    if "kw_only=True" in ast.unparse(node.decorator_list[0]):
        return set()
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    by_place = takewhile(lambda each: ast.unparse(each.annotation) != "KW_ONLY", fields)
    return {ast.unparse(each.target) for each in by_place}


def test_each_room_has_a_sign_at_its_door() -> None:
    assert [name for name, path in MODULES.items() if path.name == "__init__.py" and not ast.get_docstring(tree(path))] == []


def test_parts_of_a_screen_are_kept_and_not_searched_for() -> None:
    """A part that is searched for while its screen is being made or closed may not be there, and the program ends."""
    searches = [name for name, path in MODULES.items() if name.startswith("pmtui.tui.") and "query_one(" in path.read_text("utf-8")]
    assert searches == []


def _used_in(path: Path) -> Iterator[str]:
    """Every name that a module uses, as a variable, an attribute or a keyword, also by a string that names it."""
    documentation = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    for node in nodes(path):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield from re.findall(r"\w+", node.value)


def test_what_is_public_has_a_user() -> None:
    """A function or class that only a test calls belongs to the tests."""
    used = {name for path in MODULES.values() for name in _used_in(path)}
    public = [(name, node.name) for name, path in MODULES.items() for node in tree(path).body if isinstance(node, _DEFINITIONS)]
    assert [(module, name) for module, name in public if not name.startswith("_") and name not in used] == []


_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("word", ["Line", "Row", "Kind", "Document", "Answer"])
def test_a_common_word_names_one_thing(word: str) -> None:
    """These were the names of up to five public things; the sandbox, whose two halves have the same names, apart."""
    named = [
        name for name, path in MODULES.items() for node in tree(path).body if room(name) != "sandbox" and word in _names_given_by(node)
    ]
    assert len(named) <= 1, named


def test_a_set_of_troubles_is_built_from_those_that_have_a_name() -> None:
    """A trouble that is added to a named set is in all sets that hold it."""
    written = [
        (name, {Trouble[each.attr] for each in node.elts if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "Trouble"})
        for name, path in MODULES.items()
        for node in nodes(path)
        if isinstance(node, ast.Set | ast.Tuple) and name != "pmtui.backends.trouble"
    ]
    assert [name for name, troubles in written if troubles >= REFUSALS or troubles >= NO_SERVICE or troubles == PASSING] == []


def _names_given_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {ast.unparse(each) for each in targets}


def test_each_ability_of_a_backend_is_asked_for() -> None:
    """What the protocol lets a vendor say, somebody above the vendors listens to."""
    protocol = next(node for node in tree(MODULES["pmtui.backends.base"]).body if isinstance(node, ast.ClassDef) and node.name == "Backend")
    functions = [node.name for node in protocol.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    values = [ast.unparse(node.target) for node in protocol.body if isinstance(node, ast.AnnAssign)]
    above = [path for module, path in MODULES.items() if room(module) in ("session", "cli", "tui")]
    used = {node.attr for path in above for node in nodes(path) if isinstance(node, ast.Attribute)}
    assert [name for name in (*functions, *values) if name not in used] == []
