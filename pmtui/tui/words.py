"""How the screens say things: ages, times, postmortem states. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from pmtui.display import count, display, width
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import parse
from pmtui.session.listing.filtering import WORDS_MEAN

if TYPE_CHECKING:
    from pmtui.backends.base import Identity
    from pmtui.backends.page import Page
    from pmtui.model.postmortem import Touch
    from pmtui.session.listing.loaded import Loaded
    from pmtui.session.review import News
    from pmtui.store.drafts import DraftInfo
    from pmtui.store.lock import Owner

_STEPS = ((60, 60, "m"), (3600, 24, "h"), (86400, 100, "d"))

_EXISTENCE = {
    Existence.UNKNOWN: "?",
    Existence.NONE: "–",
    Existence.YES: "yes",
    Existence.DRAFT: "draft",
    Existence.IN_REVIEW: "in-review",
    Existence.PUBLISHED: "published",
}

NEWS = 3
"""How many parts that a new reading changed are named, where there are many."""


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in at most four cells: ``now``, ``5m``, ``3h``, ``12d``, ``2y``."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return "now"
    for unit, limit, letter in _STEPS:
        if seconds // unit < limit:
            return f"{seconds // unit}{letter}"
    days = seconds // 86400
    return f"{days // 7}w" if days < 700 else f"{days // 365}y"


def loaded(shown: int, among: int, untold: Sequence[str], server: str) -> tuple[str, ...]:
    """A count for the filter line while a filter is typed: of the loaded rows only, because the server was not asked yet.

    ``untold`` are the names of filters that these rows tell nothing of. ``server`` is who will be asked, "" when this filter
    cannot be asked for.
    """
    without = f", {' '.join(untold)} not applied yet" if untold else ""
    return f"{shown:,} of the {among:,} loaded{without}", f"enter asks {server}" if server else ""


def counted(loaded: Loaded, shown: int, outdated: int, asked: str, order: str) -> tuple[str, ...]:
    """What was ``asked`` for, how many are shown, how many of these no longer match, in which order, and when they were read."""
    query = f"/ {asked}  " if asked else ""
    if not loaded.rows and not loaded.read_at:
        return (query.strip(),)
    age = read_at(loaded.read_at, now()) if loaded.read_at else ""
    changed = f", {outdated:,} no longer match{'es' if outdated == 1 else ''}" if outdated else ""
    return f"{query}{rows_of(shown, loaded.total, loaded.cursor is not None)}{changed}", order, age


def reading_more(so_far: int, stops: str) -> str:
    """That the list is being read on; ``stops`` is the key that ends it, "" for none."""
    return f"reading more… {so_far:,} so far" + (f" · {stops} stops" if stops else "")


def fitting(parts: Sequence[str], cells: int) -> str:
    """The parts in one line, without the last ones if they do not fit, so that no part is cut."""
    said = [part for part in parts if part]
    while len(said) > 1 and width(display(" · ".join(said))) > cells:
        said.pop()
    return " · ".join(said)


def after_reading(page: Page, unread: Sequence[str]) -> str:
    """What to say when a page of the list has come, "" for nothing. Foreign text."""
    return " · ".join(filter(None, (*(f"{each}: left out" for each in page.ignored), unreadable(unread), *page.notices)))


def unreadable(rows: Sequence[str]) -> str:
    """``2 rows could not be read: data[3].id is missing, …``, "" for none. Foreign text."""
    return f"{count(len(rows), 'row')} could not be read: {rows[0]}{', …' if len(rows) > 1 else ''}" if rows else ""


def last_changed(touch: Touch, now: datetime, place: str) -> str:
    """``last changed on the server by Wei Zhang, 2 min ago``, "" where the vendor does not tell. Foreign text."""
    from pmtui.formats.typed_time import distance  # no row of the list needs it

    off = distance(touch.at, now) if touch.at else ""
    told = ", ".join(part for part in (f"by {touch.by}" if touch.by else "", "just now" if off == "now" else off) if part)
    return f"last changed {place} {told}" if told else ""


def of_news(news: News, place: str, *, save: str) -> str:
    """What a new reading brought, and what the user is asked about at the next save, by the key ``save``. Foreign text."""
    more = len(news.changed) - NEWS
    listed = ", ".join(news.changed if more < 2 else (*news.changed[:NEWS], f"and {more} more"))
    said = f"new {place}: {listed}" if listed else f"nothing new {place}"
    return f"{said} · both changed {', '.join(news.both)}: {save} asks about it" if news.both else said


def had_arrived(server: str) -> str:
    """What became of an interrupted save that the server has."""
    return f"the interrupted save had arrived: {server} has all of it"


def the_rest(save: str) -> str:
    """What became of an interrupted save that the server does not have, or not all of it. ``save`` is the key that sends the rest."""
    return f"the interrupted save is found out: {save} sends what had not arrived"


def created(moment: datetime | None, now: datetime) -> str:
    """``2026-11-22 03:10, 5d ago`` in the local time zone, "" when it is not known."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}, {age(moment, now)} ago" if moment else ""


def changed(incident: Incident, now: datetime) -> str:
    """``by Wei Zhang, 2 min ago``, as far as the vendor tells; "" when it does not. Foreign text."""
    by = [f"by {incident.changed_by}"] if incident.changed_by else []
    return ", ".join([*by, ago(incident.changed, now)]) if incident.changed else ""


def ago(moment: datetime, now: datetime) -> str:
    """``just now``, ``2 min ago``, ``3 h ago``, ``5 d ago``."""
    short = age(moment, now)
    if short == "now":
        return "just now"
    unit = {"m": "min"}.get(short[-1], short[-1])
    return f"{short[:-1]} {unit} ago"


def rows_of(shown: int, total: int | None, more: bool) -> str:
    """``34 of 1,204``; with an unknown total ``34+`` as long as there are ``more``."""
    return f"{shown:,} of {total:,}" if total is not None else f"{shown:,}{'+' if more else ''}"


def read_at(moment: datetime, now: datetime) -> str:
    """``read 03:10``, or how old it is. It does not tick, so that an idle screen sends no byte."""
    return f"read {clock(moment)}" if (now - moment).total_seconds() < 3600 else f"last seen {age(moment, now)} ago"


def clock(moment: datetime) -> str:
    """Hours and minutes in the local time zone."""
    return moment.astimezone().strftime("%H:%M")


def owner(process: Owner) -> str:
    """``process 812 on host jump1, since 02:47``, and whether it still runs. The host is foreign text."""
    if not process.pid:
        return "an unknown process"
    runs = {True: "it still runs", False: "it is gone", None: "nobody can tell from here whether it still runs"}[process.alive]
    return f"process {process.pid} on host {process.host}, since {_since(process.since)}; {runs}"


def found(draft: DraftInfo) -> str:
    """The description of a draft found on disk."""
    from pmtui.session.recovery import FoundDraft

    return FoundDraft.of(draft).words()


def has_edits(info: DraftInfo) -> bool:
    """Whether the draft is more than what a save still owes."""
    return bool(info.changes or info.damaged or not info.owes)


def drafts(infos: Sequence[DraftInfo], waiting: Collection[Path]) -> str:
    """The drafts that are not on the server, for the line below the list, "" for none. ``waiting`` are those whose save is queued.

    Those without edits, of a save that stopped half-way, have a line of their own. Foreign text.
    """
    infos = [info for info in infos if has_edits(info)]
    if not infos:
        return ""
    if len(infos) == 1 and infos[0].damaged:
        return f" a draft is damaged: `pmtui recover {infos[0].path.name}` prints what is left of it"
    if len(infos) == 1:
        what = "draft not sent yet" if infos[0].path in waiting else "not sent"
        return f" {what}: {infos[0].reference}, {found(infos[0])}"
    names = [info.reference + (" (draft not sent yet)" if info.path in waiting else _left(info)) for info in infos[:4]]
    return f" {len(infos)} drafts not sent: {', '.join(names)}{' …' if len(infos) > 4 else ''}"


def half_way(infos: Sequence[DraftInfo], how: Callable[[DraftInfo], str]) -> str:
    """What a save that stopped half-way left on the server, "" for nothing. ``how`` says how one finishes it. Foreign text."""
    owing = [info for info in infos if info.owes]
    if not owing:
        return ""
    more = f" · {count(len(owing) - 1, 'more')}" if len(owing) > 1 else ""
    return f" {owing[0].reference} {owing[0].owes}: {how(owing[0])}{more}"


def numbered(steps: Sequence[str]) -> str:
    """``1 Set back to draft · 2 Text, 1 section · 3 Publish again``. Foreign text."""
    return " · ".join(f"{number} {step}" for number, step in enumerate(steps, 1)) if len(steps) > 1 else "".join(steps)


def drafts_elsewhere(profiles: Sequence[str], switch: str) -> str:
    """How many drafts other profiles have, "" for none: a name stands once for each. ``switch`` is the key to go there."""
    counted = Counter(profiles)
    if not counted:
        return ""
    said = ", ".join(f"{count(number, 'draft')} in profile {name}" for name, number in counted.items())
    return f" {said} · {switch} switches"


def _left(info: DraftInfo) -> str:
    """What became of the process that had the draft open."""
    if info.damaged:
        return " (damaged)"
    return {True: " (open)", False: " (pmtui was cut off)", None: f" (open on {info.host})"}[info.alive] if info.owner else ""


def _since(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:  # a lock of another version
        return text


def why_none_is_created(incident: Incident | None, read_only: str) -> str:
    """Why no postmortem is created for this incident, "" where it may be: the server knows more. Foreign text."""
    if incident is None or read_only:
        return read_only or "no incident is chosen"
    there = incident.postmortem not in (Existence.NONE, Existence.UNKNOWN)
    return f"{incident.reference} has a postmortem already" if there else ""


def why_none_is_pasted(identity: Identity, pasted_address: str) -> str:
    """Why no address of a postmortem is asked for, "" when the backend needs one. Foreign text."""
    return "" if pasted_address else f"{identity.vendor} says itself which postmortem an incident has"


def existence(value: Existence) -> str:
    """What the list says of an incident's postmortem."""
    return _EXISTENCE[value]


def now() -> datetime:
    return datetime.now(UTC)


def sentence(text: str) -> str:
    """The text with a capital and a full stop. An address at the end gets a line of its own, without a full stop. Foreign text."""
    said, blank, last = text.rpartition(" ")
    shown = f"{said}\n{last}" if blank and "://" in last else text.rstrip(".") + "."
    return shown[:1].upper() + shown[1:]


def within(text: str, more: str, cells: int, rows: int) -> str:
    """The text; of one that needs more than these rows the beginning, and ``more``."""
    if len(Content(text).wrap(cells)) <= rows:
        return text
    kept = text[: cells * rows].split(" ")
    while kept and len(Content(f"{' '.join(kept)} … {more}").wrap(cells)) > rows:
        kept.pop()
    return f"{' '.join(kept)} … {more}"


def no_incidents(typed: str, asked: str, server: str, begins: str, wrong: Sequence[str], owners: bool, *, leaves: str) -> tuple[str, ...]:
    """Why the list is empty, and what may help.

    ``typed`` narrows the loaded rows; ``asked`` is the query without results. ``wrong`` are unknown values; ``owners`` says
    whether incidents can be searched by person. ``leaves`` says which key leaves the filter.
    """
    none = " · ".join(filter(None, ("there are no incidents", begins)))
    if wrong:
        return (*wrong, leaves)
    said = [f"nothing matches · {leaves}" if typed or asked else none]
    if typed:
        said.append(f"enter asks {server}")
    query = parse(typed or asked)
    if not typed and query.text and "owner" not in query.facets:
        said.append(f"words are searched {WORDS_MEAN}")
        said += [f"people are searched with owner:{query.text.split()[-1]}"] if owners else []
    return tuple(said)
