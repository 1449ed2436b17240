"""Reads the incidents that are written by hand, one Markdown file each in `sandbox/texts/`.

A file begins with TOML between two lines of `+++`; then come sections (`## Title`). Blocks are paragraphs, lists,
tables, fenced code, `> [!warning] …` panels and `![timeseries: title](query)` graphs. The lines `{{timeline}}` and
`{{actions}}` stand for the events and follow-ups of the front matter. Ages and offsets: `23m`, `3h`, `12d`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from pmtui.sandbox.world import templates
from pmtui.sandbox.world.facts import (
    Action,
    Block,
    Bullets,
    Code,
    Event,
    Graph,
    Incident,
    Issue,
    Panel,
    Paragraph,
    Postmortem,
    Responder,
    Section,
    Table,
)

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def incidents(count: int, now: datetime) -> tuple[Incident, ...]:
    """`count` incidents, oldest first: the newest are hand-written, older ones are made from templates."""
    written = sorted(_read_all(), key=lambda story: _span(story[1]["age"]))[:count]
    made = templates.incidents(count - len(written), now)
    numbers = {name: count - index for index, (name, _, _) in enumerate(written)}
    return (*made, *(_incident(meta, body, numbers[name], numbers, now) for name, meta, body in reversed(written)))


@cache
def _read_all() -> tuple[tuple[str, dict[str, Any], str], ...]:
    """Name, front matter and body of each story."""
    stories = []
    for file in (files("pmtui.sandbox") / "texts").iterdir():
        if file.name.endswith(".md"):
            _, meta, body = file.read_text(encoding="utf-8").split("+++\n", 2)
            stories.append((file.name.removesuffix(".md"), tomllib.loads(meta), body))
    return tuple(stories)


@cache
def _span(text: str) -> timedelta:
    """`3h` → three hours."""
    return timedelta(**{UNITS[text[-1]]: float(text[:-1])})


def _incident(meta: Mapping[str, Any], body: str, number: int, numbers: Mapping[str, int], now: datetime) -> Incident:
    created = now.replace(microsecond=0) - _span(meta["age"])
    events = tuple(_event(line, created) for line in meta.get("events", ()))
    actions = tuple(_action(line, created) for line in meta.get("actions", ()))
    sections = tuple(_sections(body, {"timeline": _timeline(events), "actions": _action_list(actions)}))
    return Incident(
        number=number,
        title=meta["title"],
        severity=meta["severity"],
        state=meta["state"],
        created=created,
        detected=created - _span(meta.get("undetected", "0m")),
        resolved=created + _span(meta["lasted"]) if "lasted" in meta else None,
        commander=meta.get("commander"),
        responders=tuple(
            Responder(person, role.strip()) for person, _, role in (line.partition(":") for line in meta.get("responders", ()))
        ),
        teams=tuple(meta.get("teams", ())),
        services=tuple(meta.get("services", ())),
        summary=meta["summary"],
        root_cause=meta.get("root_cause", ""),
        detection=meta.get("detection", "unknown"),
        impact=meta.get("impact", ""),
        postmortems=tuple(_postmortem(entry, sections, meta["title"]) for entry in meta.get("postmortems", ())),
        events=events,
        actions=actions,
        issues=tuple(_issue(line) for line in meta.get("issues", ())),
        related=tuple(numbers[name] for name in meta.get("related", ()) if name in numbers),
        tags=tuple(meta.get("tags", ())),
        private=meta.get("private", False),
        test=meta.get("test", False),
    )


def _postmortem(entry: Mapping[str, Any], sections: tuple[Section, ...], title: str) -> Postmortem:
    """The postmortem; `only` names the sections of one that is not finished."""
    only = entry.get("only")
    told = tuple(section for section in sections if only is None or section.title in only)
    home = entry.get("home", "notebook")
    return Postmortem(
        entry.get("title", f"Postmortem {title}"),
        entry["status"],
        entry["owner"],
        told if home == "notebook" else (),
        home,
        tuple(entry.get("quirks", ())),
    )


def _event(line: str, created: datetime) -> Event:
    """`17m jane! text` → an important entry by jane, 17 minutes after the start."""
    offset, person, text = line.split(" ", 2)
    return Event(created + _span(offset), person.rstrip("!"), text, person.endswith("!"))


def _action(line: str, created: datetime) -> Action:
    """`lena 14d text` is due two weeks after the beginning, `lena done text` is done, `lena - text` has no date."""
    person, due, text = line.split(" ", 2)
    return Action(text, person, None if due in ("-", "done") else created + _span(due), due == "done")


def _issue(line: str) -> Issue:
    if line.startswith("https://github.com/"):
        owner, repository, _, number = line.removeprefix("https://github.com/").split("/")
        return Issue(f"{owner}/{repository}#{number}", line, "github")
    return Issue(line, f"https://example.atlassian.net/browse/{line}")


def _timeline(events: tuple[Event, ...]) -> Bullets:
    return Bullets(tuple(f"{event.at:%H:%M} {event.text}" for event in events))


def _action_list(actions: tuple[Action, ...]) -> Bullets:
    return Bullets(tuple(f"{'Done: ' if action.done else ''}{action.text} (@[{action.person}])" for action in actions))


def _sections(body: str, lists: Mapping[str, Bullets]) -> Iterator[Section]:
    for title, blocks in _parts(body):
        yield Section(title, tuple(lists[block] if isinstance(block, str) else block for block in blocks))


@cache
def _parts(body: str) -> tuple[tuple[str, tuple[Block | str, ...]], ...]:
    """Title and blocks of each section; a list that depends on the time is its name."""
    found = []
    for part in re.split(r"^## ", "\n" + body.strip(), flags=re.MULTILINE):
        title, _, text = part.partition("\n")
        blocks = tuple(_block(lump) for lump in _lumps(text))
        if title or blocks:
            found.append((title, blocks))
    return tuple(found)


def _lumps(text: str) -> Iterator[list[str]]:
    """The text split at blank lines; a fenced block stays whole."""
    lump: list[str] = []
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        if line.strip() or fenced:
            lump.append(line)
        elif lump:
            yield lump
            lump = []
    if lump:
        yield lump


def _block(lines: list[str]) -> Block | str:
    """``{{timeline}}`` is a list that depends on the time: its name."""
    first = lines[0]
    if first.startswith("```"):
        return Code("\n".join(lines[1:-1]), first.removeprefix("```"))
    if first.startswith("{{"):
        return first.strip("{} ")
    if first.startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Table(rows[0], tuple(rows[2:]))
    if panel := re.match(r"> \[!(\w+)\] ?", first):
        return Panel(panel[1], " ".join([first[panel.end() :], *(line.removeprefix("> ") for line in lines[1:])]).strip())
    if graph := re.fullmatch(r"!\[(\w+): ([^\[\]]*)\]\((.*)\)", first):
        return Graph(graph[1], graph[2], graph[3])
    if first.startswith("- "):
        return Bullets(tuple(line.removeprefix("- ") for line in lines))
    if re.match(r"\d+\. ", first):
        return Bullets(tuple(re.sub(r"^\d+\. ", "", line) for line in lines), ordered=True)
    return Paragraph(" ".join(lines))
