"""Incidents made from templates, for a sandbox with thousands of them. The same in every run."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from pmtui.sandbox.world.facts import Action, Bullets, Event, Graph, Incident, Issue, Panel, Paragraph, Postmortem, Responder, Section
from pmtui.sandbox.world.people import PEOPLE, SERVICES

NEWEST = timedelta(days=45)  # the age of the newest of them; hand-written ones are younger
APART = timedelta(hours=5, minutes=17)

KINDS = (
    ("{service}: error rate above {n} %", "A deploy raised the error rate; the roll-back brought it down.", "A retry without a limit"),
    ("{service}: latency p99 above {n}00 ms", "Slow queries after an index was dropped.", "A migration that was not rehearsed"),
    ("{service} cannot reach its database", "Connections ran out at peak time.", "A pool that was sized for last year's load"),
    ("{service} disk {n} % full", "Logs filled the disk of two hosts.", "Log rotation was off on new hosts"),
    (
        "{service}: certificate expires in {n} hours",
        "A certificate was renewed by hand, late.",
        "The renewal job ran under an account that had expired",
    ),
    ("{service} queue holds {n},000 messages", "A consumer stopped without an alert.", "The alert looked at the producer only"),
    ("Duplicate work in {service} after failover", "Two leaders ran for some minutes.", "A lease that outlives a pause of the process"),
    ("{service} returns stale data in one region", "A replica fell behind.", "A network change that halved the throughput"),
)
SEVERITIES = ("SEV-3", "SEV-4", "SEV-2", "SEV-3", "SEV-5", "SEV-4", "SEV-1", "SEV-3", "UNKNOWN")
DETECTIONS = ("monitor", "monitor", "customer", "employee", "other", "monitor", "unknown")
ACTIVE = tuple(person.key for person in PEOPLE if person.active and person.name)


def incidents(count: int, now: datetime) -> list[Incident]:
    """`count` incidents, oldest first, numbered from 1."""
    newest = now.replace(microsecond=0) - NEWEST
    return [_incident(number, newest - (count - number) * APART) for number in range(1, count + 1)]


def _incident(number: int, created: datetime) -> Incident:
    service = SERVICES[number % len(SERVICES)]
    title, summary, cause = KINDS[number % len(KINDS)]
    lasted = timedelta(minutes=5 + number * 7 % 180)
    commander = ACTIVE[number % len(ACTIVE)]
    second = ACTIVE[(number + 3) % len(ACTIVE)]
    hit = number % 3 == 0
    return Incident(
        number=number,
        title=title.format(service=service.name, n=5 + number % 90),
        severity=SEVERITIES[number % len(SEVERITIES)],
        state="completed" if number % 4 == 0 else "resolved",
        created=created,
        detected=created,
        resolved=created + lasted,
        commander=commander,
        responders=(Responder(commander, "Incident commander"), Responder(second, "Operations")),
        teams=(service.team,),
        services=(service.key,),
        summary=summary,
        root_cause=cause,
        detection=DETECTIONS[number % len(DETECTIONS)],
        impact=f"Some requests to {service.name} failed." if hit else "",
        postmortems=_postmortems(number, service.name, commander, summary, cause),
        events=(
            Event(created, second, f"Alert for `{service.name}` fires", important=True),
            Event(created + lasted / 4, commander, "Takes command"),
            Event(created + lasted, commander, "Back to normal", important=True),
        ),
        actions=(Action(f"Alert on the cause, not on {service.name} alone", second, created + timedelta(days=14), number % 2 == 0),),
        issues=(Issue(f"OPS-{1000 + number}", f"https://example.atlassian.net/browse/OPS-{1000 + number}"),) if number % 2 else (),
        tags=(service.team,),
    )


def _postmortems(number: int, service: str, owner: str, summary: str, cause: str) -> tuple[Postmortem, ...]:
    """The postmortems; two of three incidents have one."""
    if number % 3 == 2:
        return ()
    status = ("published", "draft", "in-review", "published")[number % 4]
    return (Postmortem(f"Postmortem {service} {number}", status, owner, _sections(service, summary, cause)),)


@cache
def _sections(service: str, summary: str, cause: str) -> tuple[Section, ...]:
    return (
        Section("Summary", (Paragraph(summary), Panel("info", f"Written from the template for `{service}`."))),
        Section(
            "Impact",
            (
                Paragraph(f"Requests to `{service}` were slow or failed."),
                Graph("timeseries", f"Errors of {service}", f"sum:{service}.errors{{*}}"),
            ),
        ),
        Section("Root cause", (Paragraph(cause + "."),)),
        Section("What went well", (Bullets(("The alert came before the first customer did.", "The roll-back was one command.")),)),
        Section("Action items", (Bullets((f"Alert on the cause, not on {service} alone",)),)),
    )
