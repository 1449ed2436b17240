"""Postmortem documents: the world's sections as ADF, and the pieces that only this vendor's editor makes."""

from __future__ import annotations

from collections.abc import Mapping

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.postmortems import adf
from pmtui.sandbox.opsgenie.postmortems.adf import Mention
from pmtui.sandbox.opsgenie.rich_samples import Sample
from pmtui.sandbox.opsgenie.state import stable_id
from pmtui.sandbox.world.facts import Block, Bullets, Code, Graph, Incident, Panel, Paragraph, Postmortem, Section, Table


def mentioner(names: Mapping[str, str]) -> Mention:
    """Makes mention nodes of people's keys; `names` are their names by key."""

    def mention(key: str) -> Json:
        return adf.node("mention", id=stable_id("user", key), text=f"@{names.get(key, key)}", accessLevel="")

    return mention


def complete(incident: Incident, postmortem: Postmortem, mention: Mention, sample: Sample | None) -> Json:
    """The world's sections as a document, with a section of nodes that Markdown cannot express.

    A draft ends with an unanswered prompt. Without sections it is the template.
    """
    if not postmortem.sections:
        return adf.default_template()
    blocks = [block for section in postmortem.sections for block in _section(section, incident, mention)]
    if postmortem.status == "draft":
        title, words = adf.TEMPLATE[-1]
        blocks += [adf.heading(title), adf.prompt(words, final=True)]
    if sample is not None:
        blocks += sample(incident, mention)
    return adf.doc(*blocks)


def started(incident: Incident, mention: Mention) -> Json:
    """The default template, with the sections that have text already."""
    known = {"Leadup": incident.summary, "Root causes": incident.root_cause}
    blocks: list[Json] = []
    for index, (title, words) in enumerate(adf.TEMPLATE):
        answer = adf.inline(known.get(title, ""), mention)
        body = adf.node("paragraph", [*answer, adf.HARD_BREAK]) if answer else adf.prompt(words, final=index == len(adf.TEMPLATE) - 1)
        blocks += [adf.heading(title), body]
    return adf.doc(*blocks)


def summary(incident: Incident, postmortem: Postmortem, mention: Mention) -> Json:
    """The executive summary; drafts have none yet."""
    if postmortem.status == "draft":
        return adf.doc()
    blocks = [adf.node("paragraph", adf.inline(incident.summary, mention))]
    if incident.impact:
        blocks.append(adf.paragraph(adf.text("Impact: ", adf.mark("strong")), *adf.inline(incident.impact, mention)))
    return adf.doc(*blocks)


def _section(section: Section, incident: Incident, mention: Mention) -> list[Json]:
    """A section: its heading and blocks. Text typed over a prompt keeps the prompt's hard break."""
    head = [adf.heading(section.title)] if section.title else []
    if "action" in section.title.casefold() and incident.actions:
        return [*head, _tasks(incident, mention)]
    blocks = [
        made for index, block in enumerate(section.blocks) for made in _block(block, f"{incident.number}.{section.title}.{index}", mention)
    ]
    if blocks and blocks[-1]["type"] == "paragraph" and blocks[-1]["content"]:
        blocks[-1] = {**blocks[-1], "content": [*blocks[-1]["content"], adf.HARD_BREAK]}
    return [*head, *blocks]


def _tasks(incident: Incident, mention: Mention) -> Json:
    """The follow-ups as a task list, with owner and date."""
    items = []
    for number, action in enumerate(incident.actions):
        words = [*adf.inline(action.text, mention), adf.text(" "), mention(action.person)]
        if action.due:
            words += [adf.text(" by "), adf.date(action.due)]
        state = "DONE" if action.done else "TODO"
        items.append(adf.node("taskItem", words, localId=stable_id("task", incident.number, number), state=state))
    return adf.node("taskList", items, localId=stable_id("tasks", incident.number))


def _block(block: Block, key: str, mention: Mention) -> list[Json]:
    """The nodes of a block; `key` identifies it, for nodes that need an id."""

    def inline(words: str) -> list[Json]:
        return adf.inline(words, mention)

    match block:
        case Paragraph(words):
            return [adf.node("paragraph", inline(words))]
        case Bullets(items, ordered):
            return [adf.bullets([inline(item) for item in items], ordered=ordered)] if items else []
        case Table(header, rows):
            return [adf.table([inline(cell) for cell in header], [[inline(cell) for cell in row] for row in rows], key)]
        case Code(words, language):
            return [adf.node("codeBlock", [adf.text(words)] if words else [], **({"language": language} if language else {}))]
        case Panel(kind, words):
            return [adf.node("panel", [adf.node("paragraph", inline(words))], panelType=kind)]
        case Graph(_, title, _):
            return [adf.paragraph(adf.text(f"Graph: {title}", adf.mark("em")))]
