"""Holds the sandbox's answers back until a test lets them go: what happens meanwhile takes no particular time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from pmtui.sandbox.fault_effects import Delivery
from pmtui.sandbox.http import Request
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE

ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Gate:
    """``held`` are the requests whose answers wait, in the order in which they came: the vendor has done what they ask."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self._open = threading.Event()

    def hold(self, request: Request) -> None:
        """Keep this answer until the gate is open."""
        self.held.append(f"{request.method} {request.path}")
        assert self._open.wait(10 * PATIENCE), f"nobody has opened the gate for {self.held}"

    def open(self) -> None:
        """Let the answers go, and those of all later requests."""
        self._open.set()


@contextmanager
def gate(
    sandbox: Sandbox, path: str = "", *, methods: Collection[str] = ALL, most: float = float("inf"), when: Callable[[], bool] = lambda: True
) -> Iterator[Gate]:
    """Hold the answers to requests with this in their path, until the gate is opened; at the end it is open.

    ``most`` is how many it holds, and ``when`` says whether it is shut yet.
    """
    held, answer = Gate(), sandbox.answer

    def answered(request: Request) -> Delivery:
        delivery = answer(request)
        if path in request.path and request.method in methods and len(held.held) < most and when():
            held.hold(request)
        return delivery

    sandbox.answer = answered  # type: ignore[method-assign]
    try:
        yield held
    finally:
        held.open()
        sandbox.answer = answer  # type: ignore[method-assign]
