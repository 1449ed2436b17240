"""Recursion without Python's stack, for documents nested a thousand deep.

A recursive function is written as a generator that yields the generators it calls and returns its result.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")
#: A call in progress; its result has type T.
Call = Generator[Any, Any, T]


def run(call: Call[T]) -> T:
    """Runs a call, and every call that it makes, with a stack of our own."""
    stack: list[Call[Any]] = [call]
    result: Any = None
    while stack:
        try:
            stack.append(stack[-1].send(result))
            result = None
        except StopIteration as done:
            stack.pop()
            result = done.value
    return result  # type: ignore[no-any-return]
