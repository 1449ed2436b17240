"""Pages of a list by offset and limit, with absolute links in the body and in `X-Paging-…` headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal
from pmtui.sandbox.opsgenie.call import Call

WINDOW = 20_000  # the limit of offset + limit (seen on incidents)


def page(call: Call, rows: Sequence[Json], limit: int, parameters: Mapping[str, str], shown: Callable[[Json], Json] = dict) -> Answer:
    """The page of `rows` for this call, each converted by `shown`.

    `limit` is the page length; `parameters` are kept in the links. Raises Refusal: 422 when the page exceeds the window.
    """
    offset = call.number("offset", 0, 0, 10**9)
    if offset + limit > WINDOW:
        raise Refusal(422, f"Sum of offset and limit should be lower than {WINDOW}", {"offset": f"{offset} + {limit} > {WINDOW}"})
    last = (len(rows) - 1) // limit * limit if rows else 0
    offsets = {"first": 0, "last": last}
    if offset + limit < len(rows):
        offsets["next"] = offset + limit
    if offset > 0:
        offsets["prev"] = max(0, offset - limit)
    links = {name: _link(call, {**parameters, "offset": at, "limit": limit}) for name, at in offsets.items()}
    body: Json = {"data": [shown(row) for row in rows[offset : offset + limit]], "paging": links, "totalCount": len(rows)}
    return Answer(200, body, paging_headers(links))


def paging_headers(links: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The links again, as headers."""
    return tuple((f"X-Paging-{name.capitalize()}", links[name]) for name in ("first", "next", "last") if name in links)


def item_page(call: Call, items: Sequence[Json]) -> Answer:
    """A page of notes or logs, which are paged by an item's own `offset` and a `direction`."""
    limit = call.number("limit", 20, 1, 100)
    order = call.choice("order", "desc", ("asc", "desc"))
    forward = call.choice("direction", "next", ("next", "prev")) == "next"
    ordered = list(items) if order == "asc" else list(reversed(items))
    found = _window(ordered, call.request.param("offset"), limit, forward)
    links = {"first": _link(call, {"order": order, "limit": limit})}
    if found and found[-1] is not ordered[-1]:
        links["next"] = _link(call, {"order": order, "limit": limit, "direction": "next", "offset": found[-1]["offset"]})
    return Answer(200, {"data": found, "paging": links}, paging_headers(links))


def _window(ordered: list[Json], offset: str, limit: int, forward: bool) -> list[Json]:
    if not offset:
        return ordered[:limit]
    at = next((index for index, item in enumerate(ordered) if item["offset"] == offset), None)
    if at is None:
        raise Refusal(422, f"Parameter 'offset' is no item's offset: {offset}", {"offset": "Invalid value"})
    return ordered[at + 1 : at + 1 + limit] if forward else ordered[max(0, at - limit) : at]


def _link(call: Call, parameters: Mapping[str, Any]) -> str:
    return f"{call.base_url()}{call.request.path}?{urlencode(parameters)}"
