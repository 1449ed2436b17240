"""Sections that the vendor's editor can make and Markdown has no words for, one kind each.

A client that edits such a document must not lose them.
"""

from __future__ import annotations

from collections.abc import Callable

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.postmortems import adf
from pmtui.sandbox.opsgenie.postmortems.adf import Mention
from pmtui.sandbox.opsgenie.state import stable_id
from pmtui.sandbox.world.facts import Incident

Sample = Callable[[Incident, Mention], list[Json]]


def _state_of_review(incident: Incident, mention: Mention) -> list[Json]:
    """Status words, a date, a mention and an emoji in one line."""
    reviewer = incident.responders[-1].person if incident.responders else "jane"
    emoji = adf.node("emoji", shortName=":eyes:", id="1f440", text="👀")
    return [
        adf.heading("Review"),
        adf.paragraph(adf.status("IN REVIEW", "yellow"), " with ", mention(reviewer), " until ", adf.date(incident.created), " ", emoji),
        adf.paragraph(
            "Facts ", adf.status("CHECKED", "green"), ", numbers ", adf.status("OPEN", "red"), adf.HARD_BREAK, "Ask before you publish."
        ),
    ]


def _full_log(incident: Incident, _mention: Mention) -> list[Json]:
    """An expand with code, and one within it."""
    log = "\n".join(f"{event.at:%H:%M:%S} {event.text}" for event in incident.events) or "nothing was logged"
    inner = adf.node(
        "nestedExpand", [adf.paragraph("Clock skew of ", adf.text("gw-3", adf.mark("code")), ": 4 s.")], title="How exact these times are"
    )
    return [
        adf.heading("Log"),
        adf.node(
            "expand",
            [adf.paragraph("As the machines saw it:"), adf.node("codeBlock", [adf.text(log)], language="text"), inner],
            title="Full log",
        ),
    ]


def _decisions(incident: Incident, mention: Mention) -> list[Json]:
    """A decision list and a nested task list."""
    key = incident.number

    def task(name: str, state: str, *words: Json | str) -> Json:
        return adf.node("taskItem", adf.paragraph(*words)["content"], localId=stable_id(name, key), state=state)

    nested = adf.node("taskList", [task("sub", "TODO", "with a dry run first")], localId=stable_id("sublist", key))
    tasks = [task("a", "DONE", "Write to the customers"), task("b", "TODO", "Rehearse the fail-over, ", mention("sam")), nested]
    decided = adf.node(
        "decisionItem", [adf.text("We keep the old path for one more quarter.")], localId=stable_id("decision", key), state="DECIDED"
    )
    return [
        adf.heading("Decisions"),
        adf.node("decisionList", [decided], localId=stable_id("decisions", key)),
        adf.node("taskList", tasks, localId=stable_id("tasks of decisions", key)),
    ]


def _pictures(incident: Incident, _mention: Mention) -> list[Json]:
    """An external picture with a caption, and uploaded files."""
    external = adf.node(
        "media", type="external", url="https://example.com/graphs/errors.png", width=640, height=320, alt="Errors per minute"
    )
    caption = adf.node("caption", [adf.text("Errors per minute, "), adf.text("UTC", adf.mark("strong"))])
    file = adf.node("media", type="file", id=stable_id("file", incident.number), collection="opsgenie-postmortems", width=1200, height=800)
    return [
        adf.heading("Pictures"),
        adf.node("mediaSingle", [external, caption], layout="center", width=80),
        adf.node("mediaGroup", [file]),
    ]


def _extensions(incident: Incident, _mention: Mention) -> list[Json]:
    """Extensions that no other program knows, and cards."""
    parameters = {"incident": str(incident.number), "macroParams": {"range": {"value": "2h"}}, "version": 3}
    chart = adf.node("extension", extensionType="com.example.charts", extensionKey="latency-chart", parameters=parameters, layout="wide")
    word = adf.node(
        "inlineExtension", extensionType="com.example.charts", extensionKey="p99", parameters={"unit": "ms"}, text="p99: 812 ms"
    )
    return [
        adf.heading("Measurements"),
        chart,
        adf.paragraph("At its worst ", word, ", see ", adf.node("inlineCard", url="https://example.com/runbooks/latency"), "."),
        adf.node("blockCard", url="https://example.com/dashboards/checkout"),
    ]


def _wide_table(incident: Incident, _mention: Mention) -> list[Json]:
    """Merged cells, column widths, colours, lists in cells."""

    def cell(kind: str, *blocks: Json, **attrs: object) -> Json:
        return adf.node(kind, list(blocks), **attrs)

    rows = [
        adf.node(
            "tableRow",
            [
                cell("tableHeader", adf.paragraph("Time"), colwidth=[120]),
                cell("tableHeader", adf.paragraph("What we saw"), colspan=2, colwidth=[200, 200]),
            ],
        ),
        adf.node(
            "tableRow",
            [
                cell("tableCell", adf.paragraph("first hour"), rowspan=2, background="#deebff"),
                cell("tableCell", adf.bullets([[adf.text("errors")], [adf.text("time-outs | resets")]])),
                cell("tableCell", adf.paragraph("many")),
            ],
        ),
        adf.node("tableRow", [cell("tableCell", adf.paragraph("queue")), cell("tableCell", adf.node("paragraph"))]),
    ]
    table = adf.node("table", rows, isNumberColumnEnabled=True, layout="wide", localId=stable_id("wide table", incident.number))
    return [adf.heading("What we saw when"), table]


def _columns(_incident: Incident, _mention: Mention) -> list[Json]:
    """Two columns, nested lists, and marks that Markdown does not have."""
    inner = adf.bullets([[adf.text("inner "), adf.text("point", adf.mark("underline"))]])
    item = adf.node("listItem", [adf.paragraph("outer ", adf.text("point", adf.mark("strong"), adf.mark("em"))), inner])
    formula = adf.paragraph("load ~ n", adf.text("2", adf.mark("subsup", type="sup")), ", ", adf.text("was linear", adf.mark("strike")))
    columns = [
        adf.node(
            "layoutColumn",
            [adf.paragraph(adf.text("Went well", adf.mark("textColor", color="#36b37e"))), adf.node("bulletList", [item])],
            width=50,
        ),
        adf.node("layoutColumn", [adf.paragraph(adf.text("Went badly", adf.mark("textColor", color="#ff5630"))), formula], width=50),
    ]
    return [
        adf.heading("Looking back"),
        adf.node("layoutSection", columns),
        adf.RULE,
        adf.node("blockquote", [adf.paragraph("It was always the cache.")]),
    ]


def _panels(_incident: Incident, _mention: Mention) -> list[Json]:
    """Every kind of panel, one with its own colour, and headings of other levels."""
    kinds = [
        adf.node("panel", [adf.paragraph(f"A panel of the kind {kind}.")], panelType=kind)
        for kind in ("info", "note", "tip", "success", "warning", "error")
    ]
    custom = adf.node("panel", [adf.paragraph("A panel of our own.")], panelType="custom", panelIcon=":rocket:", panelColor="#e6fcff")
    return [adf.heading("Notes"), adf.heading("For the next shift", 5), *kinds, custom]


SAMPLES: tuple[Sample, ...] = (_state_of_review, _full_log, _decisions, _pictures, _extensions, _wide_table, _columns, _panels)
