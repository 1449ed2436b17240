"""Who may import whom. Imports run downwards only, the faces know no vendor, and a start loads what it needs."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pmtui
from pmtui.backends.registry import VENDORS
from pmtui.cli.launching import SANDBOXED, variables
from pmtui.sandbox.server import Sandbox
from pmtui.vendor import Setting, Vendor

ROOT = Path(pmtui.__file__).parent
GROUND = frozenset(
    {"config", "credentials", "display", "paths", "processes", "profile_schema", "profiles"}
    | {"redaction", "threads", "toml_lines", "trust", "vendor"}
)
"""Modules beside `model`: everything may import them, and they import nothing of pmtui but one another."""

BELOW: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "formats": frozenset({"model"}),
    "store": frozenset({"formats", "model"}),
    "backends": frozenset({"formats", "model"}),
    "session": frozenset({"backends", "store", "formats", "model"}),
    "tui": frozenset({"session", "backends", "store", "formats", "model"}),
    "cli": frozenset({"tui", "session", "backends", "store", "formats", "model", "sandbox"}),
    "sandbox": frozenset({"formats", "model"}),
}
"""What each room may import, beside itself and the ground."""

EXCEPTIONS = frozenset(
    {
        ("pmtui.backends.registry", "pmtui.store.index"),
        ("pmtui.backends.registry", "pmtui.store.filenames"),
        *((f"pmtui.backends.folder.{name}", "pmtui.store.files") for name in ("backend", "disk", "errors", "index")),
        ("pmtui.sandbox.storage", "pmtui.store.files"),
        ("pmtui.sandbox.storage", "pmtui.store.lock"),
    }
)
"""The registry puts a backend together: it is where Opsgenie's index meets its place on disk. The sandbox keeps its state
through the one module that follows no link and writes no half file: a second one of that kind would be a worse one. So does
the backend whose wire is the disk."""

IO = frozenset(
    {
        "asyncio",
        "httpx",
        "io",
        "os",
        "pathlib",
        "pydantic",
        "shutil",
        "socket",
        "subprocess",
        "sys",
        "tempfile",
        "textual",
        "threading",
        "time",
    }
)


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree, as of ``ast.walk`` in a third of its time: it is walked once, however many rules look at it."""
    found: list[ast.AST] = [tree(path)]
    for node in found:
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [each for each in value if isinstance(each, ast.AST)]
    return tuple(found)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever it stands; `from a import b` as `a.b` where that is a module."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names)


def room(module: str) -> str:
    """The room of ``pmtui.room.module``, "" of pmtui itself."""
    return module.partition(".")[2].partition(".")[0]


def test_imports_run_downwards() -> None:
    for name in MODULES:
        mine = room(name)
        if mine in ("", "__main__"):
            continue
        allowed = GROUND if mine in GROUND else BELOW[mine] | GROUND | {mine}
        for imported in imports(MODULES[name]):
            if imported.split(".")[0] == "pmtui" and room(imported) and (name, imported) not in EXCEPTIONS:
                assert room(imported) in allowed, f"{name} imports {imported}"


def test_every_room_is_known() -> None:
    assert {room(name) for name in MODULES} <= {"", "__main__"} | GROUND | BELOW.keys()


def test_model_and_formats_do_no_input_or_output() -> None:
    for name, path in MODULES.items():
        if room(name) in ("model", "formats"):
            heavy = IO if room(name) == "model" else IO - {"io"}
            assert not {imported.split(".")[0] for imported in imports(path)} & heavy, name
            calls = {node.func.id for node in nodes(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
            assert not calls & {"open", "print", "input"}, name


ABOVE = [name for name in MODULES if room(name) not in ("backends", "sandbox")]
"""The modules that know no vendor: all but the vendors' own packages, their registry, and their stand-ins."""

SHARED = frozenset({"PMTUI_ACTOR"})
"""Variables that are no vendor's own, though a vendor's sandbox is set up with them."""


WORDS = frozenset({"folder"})
"""Names of vendors that are words of the language: only a string that is nothing but the name counts, and the name of a class."""


def of_vendors(vendors: Iterable[Vendor]) -> re.Pattern[str]:
    """What names one of these vendors: its name at the start of a word, its label, and its environment variables."""
    said: set[str] = set()
    for vendor in vendors:
        keys = [variable for names in vendor.credentials.values() for variable in names]
        variables = {*keys, *(each.variable for each in vendor.settings), vendor.url, *vendor.sandbox} - SHARED - {""}
        if vendor.name in WORDS:
            said |= {rf"\b{re.escape(vendor.label)}Backend", rf"pmtui\.backends\.{re.escape(vendor.name)}"}
        else:
            said |= {rf"(?<![A-Za-z])(?i:{re.escape(vendor.name)})", re.escape(vendor.label)}
        said |= {rf"\b{re.escape(variable)}\b" for variable in variables}
    return re.compile("|".join(sorted(said)))


OF_VENDORS = of_vendors(VENDORS.values())


def test_every_vendor_and_its_variables_are_looked_for() -> None:
    toy = Vendor("git", "Git", "", {"key": ("SHED_KEY",)}, settings=(Setting("place", variable="SHED_PLACE"),), url="PMTUI_SHED_URL")
    found = of_vendors([toy])
    for text in ("git", "a_git", "GIT", "GitBackend", "export SHED_KEY=…", "SHED_PLACE", "PMTUI_SHED_URL"):
        assert found.search(text), text
    for text in ("a digit", "PMTUI_ACTOR", "SHED", "datadog"):
        assert not found.search(text), text
    for vendor in VENDORS.values():
        assert OF_VENDORS.search(f"{vendor.label}Backend")
        if vendor.name not in WORDS:
            assert OF_VENDORS.search(vendor.setup) and OF_VENDORS.search(vendor.name.upper())


def test_only_backends_know_vendors() -> None:
    """No vendor's name in what runs: words for people come from the backend, the configuration, or the caller."""
    for name in (*ABOVE, "pmtui.backends.base"):
        texts, names = _texts(MODULES[name]), _names(MODULES[name])
        assert not WORDS & texts, name
        assert [said for said in texts | names if OF_VENDORS.search(said)] == [], name


def _texts(path: Path) -> set[str]:
    """The strings of a module, but its documentation."""
    constants = [node for node in nodes(path) if isinstance(node, ast.Constant)]
    documentation = _docstrings(path)
    return {node.value for node in constants if isinstance(node.value, str) and id(node) not in documentation}


def _names(path: Path) -> set[str]:
    """The names that a module uses, and those of the attributes."""
    found = {node.id for node in nodes(path) if isinstance(node, ast.Name)}
    return found | {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}


def test_command_line_and_configuration_name_no_vendor_even_in_comments() -> None:
    mine = [name for name in ABOVE if room(name) in GROUND | {"cli"}]
    assert [name for name in mine if OF_VENDORS.search(MODULES[name].read_text("utf-8"))] == []


def test_the_registry_has_one_line_a_vendor() -> None:
    text = MODULES["pmtui.backends.registry"].read_text("utf-8")
    lines = text.splitlines()
    assert [sum(f'"pmtui.backends.{vendor}"' in line for line in lines) for vendor in VENDORS] == [1] * len(VENDORS)
    assert not [line for line in lines if OF_VENDORS.search(line) and "pmtui.backends." not in line], "and no other word of one"
    assert [name for name in VENDORS if f"pmtui.backends.{name}.profile" not in MODULES] == []


def _docstrings(path: Path) -> set[int]:
    """The nodes that are strings standing alone: documentation."""
    return {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def test_the_faces_reach_vendors_through_the_registry_only() -> None:
    for name in (name for name in MODULES if room(name) in ("tui", "cli", "session")):
        for imported in imports(MODULES[name]):
            assert not any(imported.startswith(f"pmtui.backends.{vendor}") for vendor in VENDORS), f"{name} imports {imported}"
            assert imported.split(".")[0] not in ("httpx", "pydantic"), f"{name} imports {imported}"


def test_only_the_screens_know_textual() -> None:
    users = {room(name) for name, path in MODULES.items() for imported in imports(path) if imported.split(".")[0] in ("textual", "rich")}
    assert users <= {"tui"}


HEAVY = ("textual", "rich", "httpx", "pydantic", "markdown_it", "merge3", "asyncio", "tomllib")


def python(code: str, environ: Mapping[str, str] | None = None) -> list[Any]:
    """What a fresh interpreter says: each line of its standard error, which is JSON."""
    done = subprocess.run([sys.executable, "-c", f"import json, sys\n{code}"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def told(unwanted: Iterable[str], what: str) -> str:
    """A line of Python that says what was done, and which of these modules are loaded by now."""
    return f"print(json.dumps([{what}, sorted(set({sorted(unwanted)!r}) & set(sys.modules))]), file=sys.stderr)"


def test_help_loads_nothing_heavy() -> None:
    asked = [["--help"], ["--version"], ["help"], *(["help", each] for each in ("exit-codes", "keys", "examples", "markdown"))]
    said = python(f"""
from contextlib import redirect_stdout
from io import StringIO
from pmtui.cli.main import main
for words in {asked!r}:
    with redirect_stdout(StringIO()) as printed:
        assert main(words) == 0
    {told(HEAVY, "[words, bool(printed.getvalue().strip())]")}""")
    assert said == [[[words, True], []] for words in asked]


LAZY = ("httpx", "pydantic", "markdown_it", "textual")
BELOW_THE_FACES = ("pmtui.model.diff", "pmtui.backends.base", "pmtui.backends.registry", "pmtui.session.workspace", "pmtui.store.drafts")


def test_the_first_frame_needs_no_network_and_no_validation() -> None:
    """And the validators of answers are built when they are used."""
    *loaded, built = python(f"""
for name in {BELOW_THE_FACES!r}:
    __import__(name)
    {told(LAZY, "name")}
import pmtui.backends.datadog.backend, pmtui.backends.opsgenie.backend
from pmtui.backends.answer import Plain
from pmtui.backends.opsgenie.wire import Model
kinds, built = [Plain, Model], []
while kinds:
    kind = kinds.pop()
    kinds += kind.__subclasses__()
    built += [kind.__name__] if kind.__pydantic_complete__ else []
print(json.dumps(built), file=sys.stderr)""")
    assert loaded == [[name, []] for name in BELOW_THE_FACES]
    assert built == []


FOR_EDITING = frozenset(
    {"pmtui.session.session", "pmtui.session.draft", "pmtui.model.merge", "markdown_it", "merge3"}
    | {f"pmtui.backends.{vendor}.{name}" for vendor in VENDORS for name in ("create", "send", "plan", "doctor")}
)
FOR_READING_ONE = frozenset(
    {"yaml", "pmtui.backends.archive", "pmtui.model.changes", "pmtui.formats.adf", "pmtui.backends.http.files"}
    | {
        f"pmtui.backends.{vendor}.{name}"
        for vendor in VENDORS
        for name in ("read", "form.values", "history.archive", "wire.parts", "wire.account")
    }
)
NEVER = frozenset({"textual", "rich", "click", "email_validator", "pydantic.networks", "pydantic.v1", "h2", "tomllib", "multiprocessing"})
FOR_A_POSTMORTEM = (
    "pmtui.session.session",
    "pmtui.session.recovery",
    "pmtui.session.edits",
    "pmtui.store.drafts",
    "pmtui.backends.base",
    "pmtui.tui.screens.postmortem",
    "pmtui.tui.form.widget",
    "textual.widgets._text_area",
)


def test_a_reading_command_loads_what_it_reads_with(tmp_path: Path) -> None:
    references = {"datadog": "IR-338", "opsgenie": "#30"}
    lists = [(["incidents", "--profile", vendor], FOR_EDITING | FOR_READING_ONE) for vendor in SANDBOXED]
    shows = [(["show", references[vendor], "--json", "--profile", vendor], FOR_EDITING) for vendor in SANDBOXED]
    steps = [(words, sorted(unwanted | NEVER)) for words, unwanted in (*lists, *shows)]
    with Sandbox() as sandbox:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables(sandbox.url)}
        said = python(
            f"""
from contextlib import redirect_stdout
from io import StringIO
from pmtui.cli.main import main
import os
environ = dict(os.environ)
for words, unwanted in {steps!r}:
    os.environ.update(environ)  # the program takes the keys out of it
    with redirect_stdout(StringIO()) as printed:
        assert main(words) == 0
    print(json.dumps([printed.getvalue(), sorted(set(unwanted) & set(sys.modules))]), file=sys.stderr)""",
            environ,
        )
    assert [loaded for _, loaded in said] == [[]] * 4
    assert all(references[vendor] in printed for vendor, (printed, _) in zip([*SANDBOXED, *SANDBOXED], said, strict=True))


def test_the_list_is_shown_before_what_shows_a_postmortem_is_loaded() -> None:
    """And without network and validation."""
    modules = ("pmtui.cli.runner", "pmtui.cli.commands.program.screens", "pmtui.tui.app")
    unwanted = {*FOR_A_POSTMORTEM, *LAZY, "argparse", "shlex", "secrets"} - {"textual"}
    assert python(f"for name in {modules!r}:\n    __import__(name)\n    {told(unwanted, 'name')}") == [[name, []] for name in modules]


def test_validators_of_answers_are_built_when_they_are_used() -> None:
    code = """
import pmtui.backends.datadog.backend, pmtui.backends.opsgenie.backend
from pmtui.backends.answer import Plain
from pmtui.backends.opsgenie.wire import Model
kinds, built = [Plain, Model], []
while kinds:
    kind = kinds.pop()
    kinds += kind.__subclasses__()
    built += [kind.__name__] if kind.__pydantic_complete__ else []
print(json.dumps(built), file=sys.stderr)"""
    assert python(code) == [[]]
