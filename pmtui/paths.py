"""Where pmtui keeps its files: the XDG base directories, never the current directory and never /tmp."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def config_file(environ: Mapping[str, str]) -> Path:
    """``$PMTUI_CONFIG``, else ``$XDG_CONFIG_HOME/pmtui/config.toml``. It need not exist."""
    named = environ.get("PMTUI_CONFIG")
    return expanded(named, environ) if named else _xdg(environ, "XDG_CONFIG_HOME", ".config") / "config.toml"


def state_dir(environ: Mapping[str, str]) -> Path:
    """The directory of drafts, the index and the audit log."""
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def cache_dir(environ: Mapping[str, str]) -> Path:
    """The directory of what can be read again from a server."""
    return _xdg(environ, "XDG_CACHE_HOME", ".cache")


def last_resorts(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The directories for a text when the state directory cannot be written, the best first."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR", ""))
    return (*((runtime,) if runtime.is_absolute() else ()), _home(environ))


def expanded(path: str, environ: Mapping[str, str]) -> Path:
    """``path`` with a leading ``~/`` replaced by the home directory of ``environ``."""
    return _home(environ) / path[2:] if path.startswith("~/") else Path(path)


def shortened(path: Path, environ: Mapping[str, str]) -> str:
    """The inverse of ``expanded``: a path below the home directory with ``~/``."""
    home = _home(environ)
    return f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _xdg(environ: Mapping[str, str], variable: str, default: str) -> Path:
    # By the XDG specification a relative path is invalid and must be ignored.
    named = Path(environ.get(variable, ""))
    return (named if named.is_absolute() else _home(environ) / default) / "pmtui"
