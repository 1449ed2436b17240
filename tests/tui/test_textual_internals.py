"""The two modules that lean on Textual's private parts: they are as it expects them, and nothing else reaches for any."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import textual
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit

import pmtui.tui
from pmtui.tui.textual_internals import CACHES_OF_A_STRIP

ROOM = Path(pmtui.tui.__file__).parent
INTERNALS = ("pmtui.tui.textual_internals", "pmtui.tui.textual_text_area")
MODULES = [module.name for module in pkgutil.walk_packages([str(ROOM)], "pmtui.tui.")]
OURS = {"_exit", "_replace"}
"""Of the operating system, and of every NamedTuple: their names are public."""


def test_textual_is_as_we_expect_it() -> None:
    """Fails when Textual moves what `textual_internals` leans on: compare the new source with it before changing these."""
    leans_on = (
        App._display,
        App.get_driver_class,
        LayoutUpdate.render_segments,
        ChopsUpdate.render_segments,
        Strip.render_ansi,
        LinuxDriver.start_application_mode,
        LinuxDriver.stop_application_mode,
        LinuxDriver.disable_input,
        LinuxDriver._run_input_thread,
        LinuxDriver.process_message,
        LinuxDriver._sigtstp_application,
        LinuxDriver._sigcont_application,
        Driver.suspend_application_mode,
    )
    fingerprints = {function.__qualname__: hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12] for function in leans_on}
    assert textual.__version__ == "8.2.8"
    assert fingerprints == {
        "App._display": "4b78dff6669a",
        "App.get_driver_class": "b4903f3dba39",
        "LayoutUpdate.render_segments": "ff329c722506",
        "ChopsUpdate.render_segments": "4c1cdb567e0b",
        "Strip.render_ansi": "08043dedb90d",
        "LinuxDriver.start_application_mode": "7c41f5ba11a8",
        "LinuxDriver.stop_application_mode": "9a7e99c8d4bd",
        "LinuxDriver.disable_input": "6154c5a7c174",
        "LinuxDriver._run_input_thread": "d2ef22cc2c97",
        "LinuxDriver.process_message": "685f4c56ecfc",
        "LinuxDriver._sigtstp_application": "26c3c19ce181",
        "LinuxDriver._sigcont_application": "1d7463a74df1",
        "Driver.suspend_application_mode": "20cef4924da3",
    }


def test_a_strip_makes_the_caches_that_textual_gives_it_when_they_are_looked_into() -> None:
    source = inspect.getsource(Strip)
    began = source[source.index("def __init__") : source.index("def __rich_repr__")]
    sizes = {name: int(size) for name, size in re.findall(r"self\.(_\w+)(?:: FIFOCache\[[\s\S]*?\])? = FIFOCache\((\d+)\)", began)}
    assert sizes == CACHES_OF_A_STRIP
    assert hashlib.sha256(began.encode()).hexdigest()[:12] == "fa5bb4f0019c"
    assert set(re.findall(r"self\.(_\w+)", began)) == {name for name in Strip.__slots__ if hasattr(Strip([]), name)}
    strip = Strip([Segment("one"), Segment("two")])
    assert strip.crop(1, 4).text == "net" and strip.crop(1, 4) is strip.crop(1, 4)
    with pytest.raises(AttributeError):
        strip._no_such_cache  # type: ignore[attr-defined]  # noqa: B018


def test_the_private_names_are_there() -> None:
    for name in ("_fatal_error", "_begin_update", "_end_update", "_check_bindings", "_refresh_truecolor_filter"):
        assert name in vars(App), name
    app = App[None]()
    for name in ("_exit_renderables", "_exception", "_driver", "_batch_count", "_running", "_closed", "_close_messages_no_wait"):
        assert hasattr(app, name), name
    for name in ("_set_document", "_rewrap_and_refresh_virtual_size", "_replace_via_keyboard", "_draw_cursor"):
        assert name in vars(TextArea), name
    assert "_cursor_offset" in vars(TextArea("x"))
    assert "_cursor_offset" in vars(Input)
    assert hasattr(Widget(), "_bindings")
    assert hasattr(Style.null(), "_ansi")
    assert hasattr(app.console, "_color_system")


def test_what_the_editor_overrides_is_there() -> None:
    for name in ("edit", "wrap_width", "clamp_visitable"):
        assert name in vars(TextArea), name
    assert Edit("x", (0, 1), (0, 0), True).top == (0, 0)


@pytest.mark.parametrize("module", [name for name in MODULES if name not in INTERNALS])
def test_no_other_module_reaches_for_a_private_part(module: str) -> None:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    assert list(_reached(tree)) == []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and hasattr(loaded := importlib.import_module(module), node.name):
            assert list(_taken(getattr(loaded, node.name), _private_names(node))) == [], node.name


def _reached(tree: ast.AST) -> Iterator[str]:
    """Imports of private modules, and private attributes of anything but the object itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and "._" in node.module:
            yield node.module
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in OURS:
            of_its_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "other")
            if not of_its_own:
                yield f"{node.lineno}: {ast.unparse(node)}"


def _private_names(kind: ast.ClassDef) -> set[str]:
    """The private names that a class defines, and those that its methods give their object."""
    methods = {node.name for node in ast.walk(kind) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    given = {node.attr for node in ast.walk(kind) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    return {name for name in methods | given if name.startswith("_") and not name.startswith("__")}


@cache
def _source(kind: type) -> str:
    """The source of a class. Finding it costs much: Python reads the whole module for it."""
    return inspect.getsource(kind)


def _taken(kind: type, names: set[str]) -> Iterator[str]:
    """Those names that a base of Textual has, too: overridden, on purpose or not."""
    for base in kind.__mro__[1:]:
        if base.__module__.startswith("textual"):
            source = _source(base)
            yield from (f"{base.__qualname__}.{name}" for name in names if name in vars(base) or re.search(rf"self\.{name}\b.*=", source))
