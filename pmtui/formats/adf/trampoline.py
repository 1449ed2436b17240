"""Recursion without Python's stack, for documents nested a thousand deep.

A recursive function is a generator. It yields the calls that it makes, receives their results, and returns its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

T = TypeVar("T")
#: A call in progress; its result has type T.
Call = Generator[Any, Any, T]


def run(call: Call[T], enter: Callable[[Any], Call[Any]] = lambda call: call) -> T:
    """Run a call, and every call that it makes, with our own stack. ``enter`` turns a yielded value into a call."""
    stack: list[Call[Any]] = [call]
    result: Any = None
    while stack:
        try:
            stack.append(enter(stack[-1].send(result)))
            result = None
        except StopIteration as done:
            stack.pop()
            result = done.value
    return result  # type: ignore[no-any-return]
