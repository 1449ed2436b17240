"""The pane beside the list: what is known of the incident under the cursor."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.postmortem import Incident
from pmtui.session.recovery import FoundDraft
from pmtui.store.drafts import DraftInfo
from pmtui.tui import words


class IncidentPreview(Static):
    """Shown in wide windows only."""

    def __init__(self) -> None:
        super().__init__("", id="preview", markup=False)

    def show(self, incident: Incident | None, draft: DraftInfo | None) -> None:
        self.update(_facts(incident, draft) if incident else Content(""))


def _facts(incident: Incident, draft: DraftInfo | None) -> Content:
    """What the list knows of an incident."""
    lines = [
        Content.styled(display(incident.reference), "bold $primary"),
        Content.styled(display(incident.title), "bold"),
        Content(""),
        *(
            Content.assemble((f"{name:<12}", "$muted"), display(value) or "–")
            for name, value in (
                ("severity", incident.severity),
                ("status", incident.status),
                ("owner", incident.owner),
                ("postmortem", words.existence(incident.postmortem)),
                ("created", words.created(incident.created, words.now())),
                *([("draft", FoundDraft.of(draft).words())] if draft else []),
                ("address", incident.url),
            )
        ),
    ]
    if incident.private:
        lines.append(Content.styled("private: not everybody may see it", "$warning"))
    return Content("\n").join(lines)
