"""The map at the door names nothing that is not there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pmtui

ROOT = Path(pmtui.__file__).parent
MAP = re.sub(r"(?ms)^```.*?^```", "", (ROOT / "ARCHITECTURE.md").read_text("utf-8"))
NAMES = sorted({name for name in re.findall(r"`([^`]+)`", MAP) if re.fullmatch(r"[a-z_<>/]+(\.[A-Za-z_]+)*/?", name) and len(name) > 1})


@cache
def _there() -> list[Path]:
    return [path.relative_to(ROOT.parent).with_suffix("") for path in ROOT.parent.glob("[pt]*/**/*") if "__pycache__" not in path.parts]


@cache
def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))


def _is_there(name: str) -> bool:
    """A module or folder whose path ends so, or what such a module defines."""
    path, *attributes = name.replace("<vendor>", "opsgenie").rstrip("/").split(".")
    parts = tuple(path.split("/"))
    modules = [each for each in _there() if each.parts[-len(parts) :] == parts]
    if not attributes or attributes[-1] in ("py", "md"):
        return bool(modules)
    sources = [source.read_text("utf-8") for each in modules if (source := ROOT.parent / each.with_suffix(".py")).exists()]
    return any(re.search(rf"\b{attributes[-1]}\b", source) for source in sources)


def _is_defined_somewhere(name: str) -> bool:
    """What stands on the map for its own sake: a method, an attribute, an option of a command."""
    return re.search(rf"\b(def|class) {name}\b|\b{name}\b *[:=]", _sources()) is not None


def _is_known(name: str) -> bool:
    return _is_there(name) or ("/" not in name and "." not in name and _is_defined_somewhere(name))


def test_what_the_map_names_is_there() -> None:
    assert [name for name in NAMES if not _is_known(name)] == []
    assert len(NAMES) > 150
