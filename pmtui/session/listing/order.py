"""The orders of the list. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pmtui.model.incident import Incident
from pmtui.session.listing.narrowing import folded

OPEN = ("triggered", "open", "active", "investigating", "acknowledged", "identified", "mitigated", "stable", "monitoring")
"""The states of an open incident, in their usual order."""
OVER = ("resolved", "closed", "completed", "canceled")
WRITTEN = ("draft", "in-review", "in review", "published")
"""States of postmortems, where a backend uses them for incidents."""

_STAGES = {state: rank for rank, state in enumerate((*OPEN, "", *OVER, *WRITTEN))}
_ELSE = _STAGES[""]
"""The place of an unknown state: between open and finished ones."""


class Order(NamedTuple):
    """One order: its label, its column, and the sort key of a row; rows with the key None come last."""

    name: str
    column: str
    key: Callable[[Incident], Any]


ORDERS = (
    Order("newest", "age", lambda incident: -incident.created.timestamp() if incident.created else None),
    Order("severity", "severity", lambda incident: incident.severity or None),
    Order("status", "status", lambda incident: stage(incident.status) if incident.status else None),
    Order("owner", "owner", lambda incident: folded(incident.owner) or None),
    Order("title", "title", lambda incident: folded(incident.title)),
)


def orders_of(rows: Iterable[Incident]) -> tuple[Order, ...]:
    """The orders that these rows have something to be ordered by; all of them for no rows."""
    rows = tuple(rows)
    return tuple(order for order in ORDERS if not rows or any(order.key(row) is not None for row in rows))


def stage(status: str) -> tuple[int, str]:
    """The sort key of a state."""
    state = status.casefold()
    return _STAGES.get(state, _ELSE), state


def is_open(incident: Incident) -> bool:
    """Whether the incident is known to be open."""
    return incident.status.casefold() in OPEN


def ordered(rows: Iterable[Incident], order: Order) -> list[Incident]:
    """The rows in this order; equal ones newest first."""
    return _sorted(rows, order, lambda rows: rows.sort(key=order.key))


def backwards(rows: Iterable[Incident], order: Order) -> list[Incident]:
    """The rows in reverse order; equal ones newest first, and rows without a key last."""
    return _sorted(rows, order, lambda rows: rows.sort(key=order.key, reverse=True))


class Arrangement(NamedTuple):
    """How the rows are arranged: by an order, or by its reverse."""

    order: Order = ORDERS[0]
    reverse: bool = False

    def __call__(self, rows: Iterable[Incident]) -> list[Incident]:
        """The rows so arranged."""
        return (backwards if self.reverse else ordered)(rows, self.order)

    @property
    def words(self) -> str:
        """``by severity, reversed``; "" for the usual one."""
        return "" if self == Arrangement() else f"by {self.order.name}{', reversed' if self.reverse else ''}"

    @property
    def arrow(self) -> str:
        """Its sign in the heading."""
        return "↑" if self.reverse else "↓"

    def next(self, rows: Iterable[Incident]) -> Arrangement:
        """By the next order that these rows have something for."""
        orders = orders_of(rows)
        at = orders.index(self.order) if self.order in orders else -1
        return Arrangement(orders[(at + 1) % len(orders)])

    def turned(self) -> Arrangement:
        """The reverse of this one."""
        return self._replace(reverse=not self.reverse)


def _sorted(rows: Iterable[Incident], order: Order, sort: Callable[[list[Incident]], object]) -> list[Incident]:
    known: list[Incident] = []
    others: list[Incident] = []
    for row in rows:
        (others if order.key(row) is None else known).append(row)
    for part in (known, others):
        part.sort(key=lambda row: row.created.timestamp() if row.created else 0.0, reverse=True)
    sort(known)
    return [*known, *others]
