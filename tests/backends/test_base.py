"""What a backend must have, and what holds where it has no more."""

from __future__ import annotations

from collections.abc import Callable
from types import new_class
from typing import Any, cast

import pytest

from pmtui.backends.base import Backend
from tests.session.fake import FakeBackend, Server

REQUIRED = ("incidents", "find", "postmortem", "reread", "plan", "send", "suggest", "checks", "aclose")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_backend_that_lacks_a_method_cannot_be_made(name: str) -> None:
    toy = _made_of(FakeBackend, {name: vars(Backend)[name]})
    with pytest.raises(TypeError, match=rf"abstract method '?{name}\b"):
        toy(Server())


def test_a_backend_without_optional_abilities_can_be_made() -> None:
    class Toy(Backend):
        pass

    assert Toy.__abstractmethods__ == set(REQUIRED)
    made = _made_of(Toy, {name: vars(FakeBackend)[name] for name in REQUIRED})()
    assert made.routes() == () and made.pasted_address == ""


def _made_of(base: type, methods: dict[str, Any]) -> Callable[..., Any]:
    """A subclass with these methods."""
    return cast(Callable[..., Any], new_class("Made", (base,), {}, lambda namespace: namespace.update(methods)))
