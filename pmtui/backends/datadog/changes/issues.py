"""Plans calls for linked issues. Jira issues are in integration metadata; all other addresses are link attachments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from pmtui.backends.answer import Json
from pmtui.backends.datadog.api import INCIDENTS
from pmtui.backends.datadog.changes.call import Write
from pmtui.backends.datadog.form.values import jira_records, link_attachments
from pmtui.backends.datadog.origin import Origin
from pmtui.backends.datadog.wire.incidents import LINK
from pmtui.backends.datadog.wire.parts import JIRA, Integration, JiraIssue
from pmtui.backends.http.client import segment
from pmtui.model.changes import Change
from pmtui.model.values import Link

_BROWSE = re.compile(r"(?P<account>https?://[^/\s]+(?:/[^?#\s]*)?)/browse/(?P<project>[A-Za-z][A-Za-z0-9_]+)-(?P<number>\d+)/?(?:[?#].*)?")


def jira_issue(url: str) -> Json | None:
    """``https://HOST/browse/OPS-12`` in Datadog's form; None when it is not the address of a Jira issue."""
    found = _BROWSE.fullmatch(url)
    if found is None:
        return None
    project = found["project"]
    return {"account": found["account"], "project_key": project, "issue_key": f"{project}-{found['number']}", "redirect_url": url}


def of(origin: Origin, wanted: Iterable[Link], change: Change) -> list[Write]:
    """The calls that change the linked issues of ``origin`` to the wanted ones."""
    links = {link.url: link for link in wanted}
    return [*_jira(origin, links, change), *_attachments(origin, links, change)]


def _jira(origin: Origin, links: Mapping[str, Link], change: Change) -> list[Write]:
    """One call per metadata record that changes: a PATCH replaces its whole list of issues."""
    path = f"{INCIDENTS}/{segment(origin.incident.id)}/relationships/integrations"
    held = jira_records(origin)
    there = {issue.link.url for _, jira in held for issue in jira.issues} | {each.url for each in link_attachments(origin)}
    new = [issue for url in links if url not in there and (issue := jira_issue(url))]
    found: list[Write] = []
    for each, jira in held:
        issues = jira.issues
        kept = [issue for issue in issues if issue.link.url in links]
        mine = [issue for issue in new if any(issue["account"] == kin.account for kin in issues)]
        new = [issue for issue in new if issue not in mine]
        if len(kept) == len(issues) and not mine:
            continue
        where = f"{path}/{segment(each.id)}"
        identifier, label = f"jira:{each.id}", _label(issues, kept, mine)
        if kept or mine:
            data = _metadata(origin, each, [*(issue.raw for issue in kept), *mine])
            found.append(Write(identifier, label, "PATCH", where, data, (change,)))
        else:
            found.append(Write(identifier, label, "DELETE", where, None, (change,)))
    if new:
        found.append(Write("jira:new", _label([], [], new), "POST", path, _metadata(origin, None, new), (change,)))
    return found


def _metadata(origin: Origin, old: Integration | None, issues: Sequence[Json]) -> Json:
    """The metadata with these issues. The server overrides ``status`` (3 for manual, 4 for changed)."""
    known: Json = old.raw["attributes"] if old else {}
    metadata = {**known.get("metadata", {}), "issues": list(issues)}
    status = known.get("status", 2)
    attributes = {"incident_id": origin.incident.id, "integration_type": JIRA, "status": status, "metadata": metadata}
    return {"type": "incident_integrations", "attributes": attributes}


def _label(before: Sequence[JiraIssue], kept: Sequence[JiraIssue], new: Sequence[Json]) -> str:
    gone = ", ".join(issue.link.label for issue in before if issue not in kept)
    come = ", ".join(issue["issue_key"] for issue in new)
    return "; ".join(words for words in (f"Link {come}" if come else "", f"Unlink {gone}" if gone else "") if words)


def _attachments(origin: Origin, links: Mapping[str, Link], change: Change) -> list[Write]:
    path = f"{INCIDENTS}/{segment(origin.incident.id)}/attachments"
    held = link_attachments(origin)
    there = {each.url for each in held} | {issue.link.url for _, jira in jira_records(origin) for issue in jira.issues}
    found: list[Write] = []
    for each in held:
        where = f"{path}/{segment(each.id)}"
        wanted = links.get(each.url)
        if wanted is None:
            found.append(Write(f"link:{each.id}", f"Unlink {each.title or each.url}", "DELETE", where, None, (change,)))
        elif wanted.title != each.title:
            data = {"type": "incident_attachments", "id": each.id, "attributes": {"attachment": _document(wanted)}}
            found.append(Write(f"link:{each.id}", f"Rename the link {each.url}", "PATCH", where, data, (change,)))
    for url, link in links.items():
        if url not in there and jira_issue(url) is None:
            data = {"type": "incident_attachments", "attributes": {"attachment_type": LINK, "attachment": _document(link)}}
            found.append(Write(f"link:new:{url}", f"Link {link.label}", "POST", path, data, (change,)))
    return found


def _document(link: Link) -> Json:
    return {"documentUrl": link.url, "title": link.title or link.url}
