"""The user's own keys: ``[keys]`` of the configuration maps the names of actions, as f1 shows them, to keys.

Unknown actions, keys that no terminal sends, and keys that another action has in the same place are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.events import Key
from textual.screen import ModalScreen, Screen

from pmtui.config import ConfigError, suggestion
from pmtui.tui.key_words import NAMES, key_name, words_of
from pmtui.tui.textual_internals import default_bindings, key_of_character

Keys = Mapping[str, Sequence[str]]
"""The keys of actions, by the action's name."""

_NAMED = frozenset(("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", *NAMES))
_NAMED |= {"enter", "tab", "space", "backspace"}
_KEY = r"(?:(?:ctrl|alt|shift)\+)*(?:f(?:[1-9]|1\d|2[0-4])|[a-z_]+|\S)"
_SENT_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
"""Keys that most terminals send as another one."""
_WRITES = frozenset({"enter", "tab", "space", "backspace", "delete", "up", "down", "left", "right"})
"""Keys without which no text can be written."""
_ARROWS = r"((?:\w+\+)*)([↑↓←→]{2,})"
"""Keys that the line of keys says as one: ``ctrl+↑↓``."""
_IN_BRACES = r"\{([^{}\s]+)\}"
PALETTE = "ctrl+p"
"""Textual's own key, which nobody can give to something else."""


class FocusPlace(NamedTuple):
    """Widgets that can have the focus together. ``typed``: letters are text there."""

    name: str
    nodes: tuple[type[DOMNode], ...]
    typed: bool = False


def action_name(binding: Binding) -> str:
    """The name of an action in ``[keys]``: its description with hyphens, "" for Textual's own actions."""
    words = words_of(binding)
    ours = words and not binding.description[:1].isupper()
    return _hyphenated(words) if ours else ""


def read(keys: Keys, where: Callable[[str], str], places: Iterable[FocusPlace]) -> dict[str, tuple[str, ...]]:
    """The keys as Textual names them, by the names of actions. Raises ConfigError with the line and the reason."""
    places = list(places)
    known = {name: None for place in places for node in place.nodes for _, name in _named(default_bindings(node))}
    wanted: dict[str, tuple[str, ...]] = {}
    for written, given in keys.items():
        name = _hyphenated(written)
        if name not in known:
            raise ConfigError(f"{where(written)}: no action is called so{suggestion(name, known)}; f1 on each screen lists them")
        if name in wanted:
            raise ConfigError(f"{where(written)}: this action has its keys twice")
        wanted[name] = tuple(_key(key, where(written)) for key in given)
    spelled = {_hyphenated(written): written for written in keys}
    for place in places:
        _check_place(place, wanted, lambda name: where(spelled[name]))
    return wanted


def given(node: DOMNode, bindings: BindingsMap, keys: Keys) -> BindingsMap:
    """The bindings of a widget, screen or app, with the user's keys."""
    if not keys:
        return bindings
    return beside(bindings, keys) if isinstance(node, ModalScreen) else rebound(bindings, keys, first=isinstance(node, Screen | App))


def rebound(bindings: BindingsMap, keys: Keys, *, first: bool) -> BindingsMap:
    """The bindings with the user's keys. ``first``: the binding comes before the focused widget's own handling."""
    fresh: dict[str, list[Binding]] = {}
    moved: dict[str, Binding] = {}
    for key, listed in bindings.key_to_bindings.items():
        for binding in listed:
            name = action_name(binding)
            if name in keys:
                moved.setdefault(name, binding)
            else:
                fresh.setdefault(key, []).append(binding)
    for name, binding in moved.items():
        for key in keys[name]:
            at_once = binding.priority or (first and key not in _WRITES and key != "escape")
            fresh.setdefault(key, []).append(replace(binding, key=key, priority=at_once))
    return BindingsMap.from_keys(fresh)


def beside(bindings: BindingsMap, keys: Keys) -> BindingsMap:
    """The bindings of a dialog, which stay, with those of the user's keys that type nothing, because a dialog may have an input."""
    mine = [binding for listed in bindings.key_to_bindings.values() for binding in listed]
    more = {
        key: replace(binding, key=key)
        for binding in mine
        for key in keys.get(action_name(binding), ())
        if key not in bindings.key_to_bindings and key not in _WRITES and len(key_name(key)) > 1
    }
    return BindingsMap.from_keys({**bindings.key_to_bindings, **{key: [binding] for key, binding in more.items()}})


def present_key(key: str, node: DOMNode, of: type[DOMNode] | None = None) -> str:
    """The key that users press now for an action that we bind to ``key``, here or in the class ``of``.

    For an action without a key it is the palette.
    """
    keys: Keys = getattr(node.app, "keys", {})
    if not keys:
        return key
    around = [*node.ancestors_with_self, node.app]
    return shown_key(key, [of] if of is not None else [type(each) for each in around], keys) or PALETTE


def pressed_name(key: Key) -> str:
    """A pressed key in a message: a character as it is, others by name. Foreign text."""
    return key.character if key.is_printable and key.character and not key.character.isspace() else key_name(key.key)


def has_keys_of_the_user(action: str, node: DOMNode) -> bool:
    """Whether the user gave keys to this action of a widget or screen: they take the place of all others."""
    keys: Keys = getattr(node.app, "keys", {})
    listed = default_bindings(type(node)).key_to_bindings.values() if keys else ()
    return any(binding.action == action and action_name(binding) in keys for bindings in listed for binding in bindings)


def with_keys(text: str, node: DOMNode) -> str:
    """Our text with the user's keys in place of the keys in braces."""
    return re.sub(_IN_BRACES, lambda found: present_key(found[1], node), text)


def shown_key(key: str, nodes: Iterable[type[DOMNode]], keys: Keys) -> str:
    """The key to show for an action, given the focused widgets; "" for an action without a key."""
    if not keys:
        return key
    if arrows := re.fullmatch(_ARROWS, key):
        each = [arrows[1] + arrow for arrow in arrows[2]]
        now = [shown_key(one, nodes, keys) for one in each]
        return key if now == each else " ".join(filter(None, now))
    for node in nodes:
        for bound, name in _named(default_bindings(node)):
            if name in keys and key_name(bound) == key:
                return key_name(keys[name][0]) if keys[name] else ""
    return key


def _hyphenated(words: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", words.casefold()))


def _named(bindings: BindingsMap) -> Iterator[tuple[str, str]]:
    """Each key with the name of each action that it has."""
    for key, listed in bindings.key_to_bindings.items():
        for binding in listed:
            if name := action_name(binding):
                yield key, name


def _key(written: str, where: str) -> str:
    """The key as Textual names it. Raises ConfigError for an unknown key."""
    plain = written.strip().casefold() if len(written.strip()) > 1 else written.strip()
    *held, last = plain.split("+") if len(plain) > 1 else [plain]
    last = {shown: name for name, shown in NAMES.items()}.get(last, last)
    plain = "+".join([*held, last])
    if not plain or not re.fullmatch(_KEY, plain) or (len(last) > 1 and last not in _NAMED and not re.fullmatch(r"f\d+", last)):
        raise ConfigError(f"{where}: {written!r} is no key; write one such as f4, ctrl+k, alt+up or x")
    if plain in _SENT_AS:
        raise ConfigError(f"{where}: terminals send {plain} as {_SENT_AS[plain]}; take another key")
    return "+".join([*held, key_of_character(last) if len(last) == 1 else last])


def _check_place(place: FocusPlace, wanted: Keys, where: Callable[[str], str]) -> None:
    """Raises ConfigError for a key that two actions would have in this place, or that is needed for typing."""
    has: dict[str, set[str]] = {}
    for node in place.nodes:
        above_text = place.typed and issubclass(node, Screen | App)
        for key, name in _named(rebound(default_bindings(node), wanted, first=False)):
            if name in wanted and above_text and ((len(key_name(key)) == 1 and "+" not in key) or key in _WRITES):
                raise ConfigError(f"{where(name)}: {key_name(key)} is typed in {place.name}; take a key that writes nothing")
            has.setdefault(key, set()).add(name)
    for key, names in has.items():
        for name in sorted(names & wanted.keys()):
            for other in sorted(names - {name}):
                raise ConfigError(
                    f"{where(name)}: {key_name(key)} is already the key of {other} in {place.name}; give that another one, too"
                )
