"""Breaks answers at one node: the backend's result must then be true, or an error that the answer was not understood.

A vendor's test gives scenarios: functions that use a backend and return its results by name. Each runs once against the
vendor's half of the sandbox, in this process and without a socket. Then each node of each JSON answer is broken in each way,
and the scenario runs again.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import httpx

from pmtui.backends.base import Backend, BackendError, Creation, Trouble
from pmtui.backends.http.transport import Reply
from pmtui.backends.page import Page
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Postmortem
from pmtui.sandbox.http import Request, Response, Service

REPLACEMENTS: Mapping[str, Any] = {"null": None, "number": 7, "string": "x", "empty list": [], "empty object": {}, "list of object": [{}]}
"""The replacements of a node, by name."""
REMOVED = "removed"

Said: TypeAlias = Mapping[str, object]
"""A backend's results in a scenario, by name: a Page, a Postmortem, a Creation, items, checks."""
Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One use of a backend. ``writes``: the vendor's state is restored before each run."""

    name: str
    run: Callable[[Backend], Awaitable[Said]]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Mutation:
    """One node of one answer, broken in one way. ``answer`` is "GET /path" and the number of the request."""

    answer: tuple[str, int]
    place: Place
    way: str
    was: Any

    def __str__(self) -> str:
        path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in self.place)
        return f"{self.answer[0].partition('?')[0]} #{self.answer[1]} {path or '(the whole)'} {self.way}"

    @property
    def shape(self) -> tuple[str, tuple[str, ...], str]:
        """A key that is equal for mutations that differ only in the row, or in an id of the path."""
        path = "/".join("*" if any(map(str.isdigit, each)) else each for each in self.answer[0].split("?")[0].split("/"))
        return (path, tuple("*" if isinstance(each, int) else each for each in self.place), self.way)

    @property
    def empties_a_list(self) -> bool:
        """Whether a list becomes empty. That is another valid answer: it may be accepted, but must not crash anything."""
        return isinstance(self.was, list) and self.way == "empty list"

    def applied(self, answer: Any) -> Any:
        """The answer with that node broken."""
        return _broken(answer, self.place, self.way)


def _broken(data: Any, place: Place, way: str) -> Any:
    """A copy that shares everything except the path to the node."""
    if not place:
        return REPLACEMENTS[way]
    step, rest = place[0], place[1:]
    made = copy.copy(data)
    if not rest and way == REMOVED:
        del made[step]
    else:
        made[step] = _broken(data[step], rest, way)
    return made


def mutations(answer: tuple[str, int], data: Any) -> Iterator[Mutation]:
    """Every node broken in every way, without replacements of the same kind, and without removing rows of a list, which gives
    another valid answer."""
    for place, node in _nodes(data, ()):
        if place and isinstance(place[-1], str):
            yield Mutation(answer, place, REMOVED, node)
        for way, value in REPLACEMENTS.items():
            if not _same_kind(node, value):
                yield Mutation(answer, place, way, node)


def _nodes(data: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    yield place, data
    children: Iterable[tuple[str | int, Any]] = (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    )
    for key, each in children:
        yield from _nodes(each, (*place, key))


def _same_kind(old: Any, new: Any) -> bool:
    """Whether the replacement is of the same kind, as a number for a number. An empty list or object for a full one is not."""
    if isinstance(old, list | dict) and isinstance(new, list | dict):
        return old == new
    return type(old) is type(new) and not isinstance(old, list | dict)


@dataclass
class Line:
    """The transport of a backend, directly to the sandbox's half. ``answers`` are the JSON answers since ``begin``.

    ``kept`` are answers to GETs that are repeated without calling the half, None where writes change them.
    """

    half: Service
    headers: Mapping[str, str]
    kept: dict[str, Response] | None = None
    broken: Mutation | None = None
    met: bool = False
    answers: dict[tuple[str, int], Any] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    def begin(self, broken: Mutation | None = None) -> None:
        self.broken, self.met = broken, False
        self.answers.clear()
        self._asked.clear()

    async def exchange(
        self, method: str, url: str, params: Mapping[str, str | int], body: bytes | None, auth: object, deadline: float, limit: int
    ) -> Reply:
        parts = urlsplit(url)
        query = {**parse_qs(parts.query, keep_blank_values=True), **{name: [str(value)] for name, value in params.items()}}
        request = Request(method, unquote(parts.path), query, self.headers, body or b"", f"{parts.scheme}://{parts.netloc}")
        name = f"{method} {parts.path}" + (f"?{urlencode(params)}" if params else "")
        response = self._respond(name, request)
        self._asked[name] += 1
        key = (name, self._asked[name])
        content = response.body
        if response.status < 300 and content and self.broken is None:
            self.answers[key] = json.loads(content)
        elif self.broken is not None and key == self.broken.answer:
            self.met = True
            content = json.dumps(self.broken.applied(json.loads(content))).encode()
        return Reply(response.status, httpx.Headers(list(response.headers)), content)

    def _respond(self, name: str, request: Request) -> Response:
        if self.kept is None:
            return self.half.respond(request)
        if name not in self.kept:
            self.kept[name] = self.half.respond(request)
        return self.kept[name]

    async def aclose(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class Rig:
    """A vendor's half, a way to make a backend for it, and what counts as false.

    ``connect`` makes a new backend. ``allows`` says whether the vendor's documents make a mutated answer valid (a value that
    may be null), so that a complaint is no failure.
    """

    half: Service
    line: Line
    connect: Callable[[], Backend]
    allows: Callable[[Mutation, str], bool]
    state: str

    @classmethod
    def of(cls, half: Service, headers: Mapping[str, str], connect: Callable[[], Backend], allows: Callable[[Mutation, str], bool]) -> Rig:
        return cls(half, Line(half, headers), connect, allows, json.dumps(half.dump()))


async def record(rig: Rig, scenario: Scenario) -> tuple[Said, list[Mutation]]:
    """The results of the unbroken scenario, and all its mutations."""
    rig.line.begin()
    rig.line.kept = None if scenario.writes else {}
    said = await _run(rig, scenario)
    if isinstance(said, BaseException):
        raise said
    return said, [each for key, data in rig.line.answers.items() for each in mutations(key, data)]


async def _run(rig: Rig, scenario: Scenario) -> Said | BaseException:
    if scenario.writes:
        rig.half.load(json.loads(rig.state))
    backend = rig.connect()
    try:
        return await scenario.run(backend)
    except Exception as error:  # noqa: BLE001 (a crash of any kind is what is looked for)
        return error
    finally:
        await backend.aclose()


def first_of_each_shape(found: Iterable[Mutation]) -> list[Mutation]:
    """One mutation for each answer, path and way, because rows of one list are alike."""
    unique: dict[tuple[str, tuple[str, ...], str], Mutation] = {}
    for each in found:
        unique.setdefault(each.shape, each)
    return list(unique.values())


async def falsehoods(rig: Rig, scenario: Scenario, said: Said, broken: Iterable[Mutation]) -> tuple[list[str], int]:
    """The false results, one line each, and the number of mutations tried."""
    found: list[str] = []
    count = 0
    for each in broken:
        rig.line.begin(each)
        now = await _run(rig, scenario)
        count += 1
        assert rig.line.met, f"{each}: the answer was not asked for again"
        if not (each.empties_a_list and not isinstance(now, Exception)):
            found += [f"{each}: {false}" for false in false_in(said, now) if not rig.allows(each, false)]
    return found, count


def false_in(said: Said, now: Said | BaseException) -> Iterator[str]:
    """What is false or worse in ``now`` compared with ``said``, the truth. An error that says so is not false."""
    if isinstance(now, BackendError):
        if now.trouble is not Trouble.ANSWER and not now.unknown:
            yield f"error: {now.message}"
        return
    if isinstance(now, BaseException):
        yield f"crash: {now!r}"
        return
    for name, true in said.items():
        for false in _false(true, now.get(name)):
            yield f"{name}: {false}"


def _false(true: object, now: object) -> Iterator[str]:
    match true, now:
        case _, BackendError() as error:
            if error.trouble is not Trouble.ANSWER and not error.unknown:
                yield f"error: {error.message}"
        case Page(), Page():
            yield from _false_page(true, now)
        case Postmortem(), Postmortem():
            yield from _false_postmortem(true, now)
        case Incident(), Incident():
            yield from _false_incident(true, now)
        case Creation(), Creation():
            if true.impossible and not now.impossible:
                yield "a postmortem can be created, though there is one"
            if len(now.templates) < len(true.templates) and not set(now.warnings) - set(true.warnings):
                yield "templates are missing"
        case tuple() | list(), tuple() | list():
            if true and not now:
                yield "nothing was found"
        case _:
            if bool(true) != bool(now):
                yield f"{now!r} instead of {true!r}"


def _false_page(true: Page, now: Page) -> Iterator[str]:
    rows = len(now.incidents) + len(now.unreadable)
    if rows < len(true.incidents) and now.cursor == true.cursor and not set(now.notices) - set(true.notices):
        yield f"{rows} incidents instead of {len(true.incidents)}"
    by_id = {each.id: each for each in now.incidents}
    for each in true.incidents:
        if each.id in by_id:
            yield from _false_incident(each, by_id[each.id])


def _false_incident(true: Incident, now: Incident) -> Iterator[str]:
    if now.postmortem is Existence.NONE is not true.postmortem:
        yield f"{now.reference} has no postmortem"
    if now.created is not None and now.created != true.created:
        yield f"created {now.created}"


def _false_postmortem(true: Postmortem, now: Postmortem) -> Iterator[str]:
    yield from _false_incident(true.incident, now.incident)
    if true.id and not now.id and not now.why_unread(TEXT):
        yield f"no document: {now.text_locked}"
    shorter = len(now.cells) < len(true.cells) or sum(len(each.text) for each in now.cells) < sum(len(each.text) for each in true.cells) / 2
    if shorter and not (now.text_locked and now.why_unread(TEXT)):
        yield "text is missing"
    locks = {each.name: each.locked for each in now.form}
    for each in true.form:
        if each.name in locks:  # a locked field makes no claim, and cannot be written
            yield from _false_field(each.name, true, now, locks[each.name])


def _false_field(name: str, true: Postmortem, now: Postmortem, locked: str) -> Iterator[str]:
    was, value = true.fields.get(name), now.fields.get(name)
    fewer = len(value or ()) < len(was) if isinstance(was, tuple) and isinstance(value, tuple | None) else bool(was) and not value
    if fewer and not locked:
        yield f"field {name}: {value!r} instead of {was!r}, and not locked"
