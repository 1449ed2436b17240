"""Starts ``python -m pmtui`` as a process of its own whose modules are loaded already: half of what a start costs is loading.

``python -c CODE`` is started so, too, where the code is a changed program: it changes what is loaded.

A parent that has loaded them waits for orders, and forks for each: one process that runs the program as the leader of a
session on the given terminal, and one that waits for its end and reports it. What is about starting is tested without this
(``FreshPtyScreen``), and so is a program whose variables Python or Textual read while they are loaded.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from pydantic import BaseModel

PROGRAM = ("-m", "pmtui")
LOCALE = "C.UTF-8"
_READ_WHILE_LOADED = ("TEXTUAL", "PYTHON", "LD_", "MALLOC", "ESCDELAY")
_LOADED_WITH = {name: value for name, value in os.environ.items() if not name.startswith(("PMTUI_", "TEXTUAL"))}
"""What the parent is loaded with: the variables of the suite before any test changes them."""
_LATER = (
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "concurrent.futures.thread",
    "httpcore",
    "importlib.metadata",
    "textual.drivers.headless_driver",
    "textual.layouts.factory",
    "textual.scrollbar",
)
"""What the program's libraries load at the first request and the first frame: a third of what is left of a start."""
_ORDER, _ANSWER = 1 << 20, 64


def fits(argv: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether this is the program itself, or code that changes it, with nothing that decides how it is loaded."""
    own = {name for name, value in env.items() if _LOADED_WITH.get(name) != value}
    return (
        sys.platform == "linux"
        and argv[0] == sys.executable
        and (tuple(argv[1:3]) == PROGRAM or argv[1] == "-c")
        and env.get("LC_ALL", LOCALE) == LOCALE
        and not any(name.startswith(_READ_WHILE_LOADED) for name in own)
    )


class WarmProgram:
    """One run of it. ``pid`` is a process as any other, but that another one waits for it."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], terminal: int) -> None:
        order = json.dumps([argv[1:], {**env, "LC_ALL": LOCALE}, str(Path.cwd())]).encode()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ORDER)
        with theirs:
            socket.send_fds(_parent(), [b"start"], [theirs.fileno(), terminal])
        self._line.sendall(order)
        self.pid = int(self._line.recv(_ANSWER))

    def ended(self) -> int | None:
        """The status that ``os.waitpid`` gives, None while it runs."""
        with suppress(BlockingIOError):
            return int(self._line.recv(_ANSWER, socket.MSG_DONTWAIT))
        return None

    def wait(self) -> int:
        return int(self._line.recv(_ANSWER))


@cache
def _parent() -> socket.socket:
    """The connection to the process that has loaded the program: one for each process of the suite."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        loaded = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=Path(__file__).parents[1],
            env={**_LOADED_WITH, "LC_ALL": LOCALE},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.close()
        loaded.wait()

    atexit.register(end)
    return ours


# ---- in the process that has loaded the program -----------------------------------------------------------------------


def _load() -> None:
    from rich.cells import cell_len

    import pmtui
    from pmtui.tui.terminal.setup import prepare

    prepare()  # as the program does before it loads Textual: else it would animate
    for module in pkgutil.walk_packages(pmtui.__path__, "pmtui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    cell_len("…")  # its table of widths, too
    for name in _LATER:
        importlib.import_module(name)
    for model in _models(BaseModel):
        model.model_rebuild()
    gc.collect()
    gc.freeze()


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The wire models, whose validators are else made at the first answer."""
    for model in base.__subclasses__():
        if model.__module__.startswith("pmtui."):
            yield model
            yield from _models(model)


def _orders(orders: socket.socket) -> list[str] | None:
    """Wait for orders until the suite ends; returns in each process that is to be the program, with its words."""
    while True:
        started, handles, _, _ = socket.recv_fds(orders, 16, 2)
        if not started:
            with suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
            return None
        line = socket.socket(fileno=handles[0])
        if os.fork() == 0:
            orders.close()
            return _started(line, handles[1])
        line.close()
        os.close(handles[1])
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _started(line: socket.socket, terminal: int) -> list[str]:
    words, env, folder = json.loads(line.recv(_ORDER))
    pid = os.fork()
    if pid:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.close(terminal)
        line.sendall(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        with suppress(OSError):
            line.sendall(str(status).encode())
        os._exit(0)
    line.close()
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for handle in range(3):
        os.dup2(terminal, handle)
    os.close(terminal)
    for handle, name in enumerate(("stdin", "stdout", "stderr")):
        _stream(handle, name)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(folder)
    return list(map(str, words))


def _stream(handle: int, name: str) -> None:
    """A standard stream as Python makes it at its start, on a terminal."""
    raw = io.FileIO(handle, "r" if name == "stdin" else "w", closefd=False)
    buffer = io.BufferedReader(raw) if name == "stdin" else io.BufferedWriter(raw)
    made = io.TextIOWrapper(buffer, "utf-8", getattr(sys, name).errors, line_buffering=True)
    setattr(sys, name, made)
    setattr(sys, f"__{name}__", made)


def _main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        _load()
        words = _orders(orders)
    if words is not None:
        gc.set_threshold(700, 10, 10)
        (how, what), sys.argv[1:] = words[:2], words[2:]
        if how == "-c":
            sys.argv[0] = how
            exec(what, {"__name__": "__main__"})
        else:
            runpy.run_module(what, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
