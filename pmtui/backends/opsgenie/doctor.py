"""The checks of ``pmtui doctor`` for an Opsgenie account."""

from __future__ import annotations

from collections import Counter

from pmtui.backends.answer import not_understood
from pmtui.backends.base import BackendError, Check, Trouble
from pmtui.backends.opsgenie.account.routes import Routes
from pmtui.backends.opsgenie.api import LAST_DAY, Api
from pmtui.backends.opsgenie.query import EVERYTHING
from pmtui.backends.opsgenie.suggest import SET_ACTOR, Directory
from pmtui.backends.opsgenie.wire import Account, WireIncident, data_of, rows_of

OK, WARN, FAIL = "ok", "warn", "fail"


async def checks(api: Api, directory: Directory, routes: Routes, place: str) -> tuple[Check, ...]:
    """Check that the vendor is reachable, who I am, and what the key may do. Only reads; missing write rights show at the first write."""
    reached = await _incidents(api, place)
    if reached.state == FAIL:
        return (reached, _end(api))
    return (reached, await _account(api), await _actor(directory), _routes(routes), _end(api))


async def _incidents(api: Api, place: str) -> Check:
    tried = "read one incident"
    params: dict[str, str | int] = {"query": EVERYTHING, "limit": 1, "sort": "createdAt", "order": "desc"}
    try:
        answer = await api.call("GET", "/v1/incidents", tried=tried, params=params)
        rows = rows_of(WireIncident, answer.data, tried)
    except BackendError as error:
        # A key without the right, or a plan without incidents, can still open postmortems by address.
        poor = error.trouble in (Trouble.PLAN, Trouble.RIGHTS)
        return Check("incidents", WARN if poor else FAIL, error.message)
    if rows.unreadable:
        return Check("incidents", FAIL, not_understood(tried, rows.unreadable[0]).message)
    return Check("incidents", OK, f"{place} answers and the key may read incidents")


async def _account(api: Api) -> Check:
    try:
        answer = await api.call("GET", "/v2/account", tried="read the account")
        account = data_of(Account, answer.data, "read the account")
    except BackendError as error:
        if error.status != 403:
            return Check("account", WARN, error.message)
        return Check("account", WARN, "the key has no Configuration access: no suggestions of people, teams and services; ids can be typed")
    plan = account.plan.name if account.plan else ""
    return Check("account", OK, f"{account.name}, plan {plan or 'unknown'}")


async def _actor(directory: Directory) -> Check:
    if not directory.actor:
        return Check("actor", WARN, f"no actor is set: reading and most edits work; to create, publish or delete, {SET_ACTOR}")
    try:
        identifier = await directory.actor_id("find the actor")
    except BackendError as error:
        return Check("actor", FAIL, error.message)
    return Check("actor", OK, f"{directory.actor} ({identifier})" if identifier != directory.actor else identifier)


def _routes(routes: Routes) -> Check:
    table = routes.table()
    sources = Counter(line.source for line in table)
    found = ", ".join(f"{count} {source}" for source, count in sources.items())
    wanting = [line.update for line in table if line.wants]
    if wanting:
        return Check(
            "routes", WARN, f"none is known for {', '.join(wanting)}: the routes that are left need your agreement: pmtui doctor --routes"
        )
    return Check("routes", OK, f"of updates: {found}; which ones: pmtui doctor --routes")


def _end(api: Api) -> Check:
    left = api.days_left
    detail = f"Opsgenie's API ends on {LAST_DAY}, in {left} days: export what you want to keep" if left else f"Opsgenie ended on {LAST_DAY}"
    return Check("end of life", WARN if left else FAIL, detail)
