"""The questions on the way to an open postmortem: which document, which draft, whether to create one, whose draft it is."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from textual.app import App

from pmtui.backends.base import BackendError, Creation, SeveralDocuments, Template
from pmtui.display import count
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import characters
from pmtui.session.recovery import FoundDraft
from pmtui.session.session import Session
from pmtui.store.drafts import DraftBusy, DraftUnreadable
from pmtui.threads import worked_out
from pmtui.tui import words
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.compare import CompareScreen
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.flows.addresses import copy
from pmtui.tui.flows.document.external_editor import run_editor
from pmtui.tui.flows.leaving import stays
from pmtui.tui.want import Want, being_opened

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace
    from pmtui.store.lock import Owner

Tell = Callable[[str], object]
T = TypeVar("T")

PATIENCE = 3.0
"""Seconds to wait for the server before a draft is shown on its own base. What has no draft and is known does not wait."""
PREVIEWED = 200
"""The most lines of a template that the question before creating shows."""

CONFIG = """\
# pmtui: one table a profile. Keys never stand here: name where they come from.
#
# [profiles.NAME]
# vendor = "…"                                    # see `pmtui help environment`
# api_key_command = ["pass", "show", "pmtui/key"]   # or api_key_file = "~/.keys/pm", or api_key_env = "MY_KEY"
"""


class _Opened(NamedTuple):
    """A postmortem, and the process from which its draft was taken over, None for none."""

    session: Session
    left_by: Owner | None

    def go_back(self, workspace: Workspace) -> None:
        """Close it, and leave the draft as it was found: it is asked about again."""
        self.session.close()
        if self.left_by is not None:
            with suppress(OSError):
                workspace.leave_to(self.left_by, self.session.server)


async def opened(app: App[None], workspace: Workspace, incident: Incident | None, want: Want, tell: Tell) -> Session | None:
    """Open what the user wants of an incident; None when they go back."""
    if incident is None:
        return await begin_session(app, workspace, tell)
    if want is Want.SEND:
        return await draft_session(app, workspace, incident, tell)
    if want is Want.CREATE:
        return await create_session(app, workspace, incident, tell)
    if want is Want.ADOPT:
        tell("")  # nothing is opened while the address is asked for
        if not await adopt(app, workspace, incident, tell):
            return None
        tell(being_opened(incident.reference))
    return await open_session(app, workspace, incident, tell)


async def open_session(app: App[None], workspace: Workspace, incident: Incident, tell: Tell) -> Session | None:
    """Open the incident's postmortem, asking what must be asked. None when the user went back or it cannot be opened."""
    return await _or_told(_read_and_asked(app, workspace, incident, tell), tell)


async def draft_session(app: App[None], workspace: Workspace, incident: Incident, tell: Tell) -> Session | None:
    """Open a postmortem whose draft is to be sent now; the question about the draft is skipped. None when it cannot be opened."""
    opened = await _or_told(_opened(app, workspace, incident), tell)
    if opened is None or (opened.session.damage and not await _take_up_or_close(app, workspace, opened)):  # looked at first
        return None
    return opened.session


async def _or_told(opening: Awaitable[T | None], tell: Tell) -> T | None:
    """The result; None after an error, which is passed to ``tell``."""
    try:
        return await opening
    except BackendError as error:
        tell(error.message)
    except (DraftUnreadable, OSError) as error:
        tell(f"{error}; `pmtui recover` gets out what is left")
    return None


async def _read_and_asked(app: App[None], workspace: Workspace, incident: Incident, tell: Tell) -> Session | None:
    """Raises BackendError, DraftUnreadable, OSError."""
    opened = await _opened(app, workspace, incident)
    tell("")  # it is read: what is said from here on stays
    if opened is None or opened.session.read_only:
        return opened.session if opened is not None else None
    return await _asked_about(app, workspace, opened, tell)


async def _take_up_or_close(app: App[None], workspace: Workspace, opened: _Opened) -> bool:
    found, it = opened.session.recovered, workspace.backend.identity.it
    if found is None or await _take_up(app, opened.session, found, it):
        return True
    opened.go_back(workspace)
    return False


async def _opened(app: App[None], workspace: Workspace, incident: Incident) -> _Opened | None:
    """Raises BackendError, DraftUnreadable, OSError."""
    document, left_by = "", None
    while True:
        try:
            session = await workspace.open(incident, document, take_over=left_by is not None, patience=PATIENCE)
            return _Opened(session, left_by)
        except SeveralDocuments as several:
            document = await which_document(app, incident, several)
            if not document:
                return None
        except DraftBusy as busy:
            # Of a process of this machine that is gone, the draft is asked about, not the lock.
            gone = busy.owner.alive is False and left_by is None
            choice = "t" if gone else await _ask_busy(app, incident, busy.owner)
            if choice == "l":
                return _Opened(await workspace.look(incident, document, patience=PATIENCE), None)
            if choice != "t":
                return None
            left_by = busy.owner


async def which_document(app: App[None], incident: Incident, several: SeveralDocuments) -> str:
    """The id of the document that the user chooses, "" when they go back."""
    picks = [Pick(d.id, d.title, d.modified[:16] if d.editable else "not editable here") for d in several.documents]
    answer = await app.push_screen_wait(Picker(f"{incident.reference} has several postmortems", picks))
    return str(answer.value) if isinstance(answer, Pick) else ""


async def _ask_busy(app: App[None], incident: Incident, owner: Owner) -> str:
    answers = [("l", "look, without editing")]
    if not owner.alive:
        answers.append(("t", "take the draft over, if you know that process to be gone"))
    return await app.push_screen_wait(Ask(f"{incident.reference} is being edited: {words.owner(owner)}.", answers))


async def _asked_about(app: App[None], workspace: Workspace, opened: _Opened, tell: Tell) -> Session | None:
    """Ask about a draft that was found, and about an incident without a postmortem. Cancelled while asking, it closes the draft."""
    session = opened.session
    try:
        it = workspace.backend.identity.it
        found = session.recovered
        asked = found is not None and not (found.is_own and not session.unfinished and not session.damage)
        if found is not None and asked and not await _take_up(app, session, found, it):
            opened.go_back(workspace)
            return None
        if not session.mine.id and not session.offline:
            return await _without_postmortem(app, workspace, session, tell)
    except BaseException:
        opened.go_back(workspace)
        raise
    return session


async def _take_up(app: App[None], session: Session, found: FoundDraft, it: str) -> bool:
    """Whether to continue, with the draft or without; False when the user went back.

    ``it`` says where postmortems are: "the server".
    """
    answers = (("o", "open the draft"), ("c", f"compare it with {it}"), ("d", f"discard it and open what {it} has"))
    if session.unfinished and not session.changes and not session.damage:
        return await _half_way(app, session)
    unsaved = count(len(session.changes), "unsaved change")
    question = f"There is a {found.words()}, with {unsaved}."
    details = [words.sentence(line) for line in (session.unfinished, session.damage) if line]
    while answer := await app.push_screen_wait(Ask(question, answers, details, default="o")):
        if answer == "c":
            await app.push_screen_wait(CompareScreen(await worked_out(session.compare, characters(session.mine.cells)), found.words()))
        elif answer == "o":
            session.take_up()
            return True
        elif await app.push_screen_wait(Ask("Discard this draft? This cannot be undone.", [("D", "discard")], stays(session))) == "D":
            session.discard()
            return True
    return False


async def _half_way(app: App[None], session: Session) -> bool:
    """Whether to open what a save left half-way, without any edits; False when the user went back."""
    answers = (("o", "open it"), ("l", "leave it as it is on the server, and do not say so again"))
    answer = await app.push_screen_wait(Ask(words.sentence(session.unfinished), answers, default="o"))
    if answer == "l":
        session.abandon()
    return bool(answer)


async def _without_postmortem(app: App[None], workspace: Workspace, session: Session, tell: Tell) -> Session | None:
    incident = session.mine.incident
    fields = ("f", "edit the fields of the incident only")
    creation = await _creation(workspace, incident, tell) if incident.postmortem in (Existence.NONE, Existence.UNKNOWN) else None
    refused = creation.impossible if creation is not None else ""
    details = [f"None can be created: {refused}"] if refused else []
    if incident.postmortem == Existence.NONE:
        question, answers = f"{incident.reference} has no postmortem yet.", [("c", "create one"), fields]
    elif incident.postmortem == Existence.UNKNOWN:
        question = f"The vendor does not say whether {incident.reference} has a postmortem."
        answers = [("p", "there is one: paste its address"), ("c", "there is none: create one"), fields]
    else:
        question = f"{incident.reference} has a postmortem ({words.existence(incident.postmortem)}) that the vendor's API does not name."
        answers = [("p", "paste its address"), fields]
    not_offered = {*("c" if refused else ""), *("" if workspace.backend.pasted_address else "p")}
    answers = [each for each in answers if each[0] not in not_offered]
    if answers[0][0] == "p" and incident.url:  # where the address is to be found
        details.append(f"The page of the incident leads to it: {incident.url}")
        answers.append(("y", "copy the address of the incident's page"))
    copied: list[str] = []  # whether the last copy to the clipboard worked
    while (answer := await app.push_screen_wait(Ask(question, answers, [*details, *copied[-1:]]))) == "y":
        await copy(app, incident.url, incident.url, os.environ, lambda said, style: copied.append(said))
    if answer == "f":
        return session
    session.close()
    if answer == "c":
        return await create_session(app, workspace, incident, tell, creation)
    if answer == "p" and await adopt(app, workspace, incident, tell):
        return await open_session(app, workspace, incident, tell)
    return None


async def _creation(workspace: Workspace, incident: Incident, tell: Tell) -> Creation | None:
    """What creating a postmortem would offer; None when that cannot be known now, and is asked again before creating."""
    tell("loading templates…")
    try:
        return await workspace.backend.creation(incident)
    except BackendError:
        return None
    finally:
        tell("")


async def begin_session(app: App[None], workspace: Workspace, tell: Tell) -> Session | None:
    """Ask for the title of a new incident, create its postmortem and open it."""
    title = await app.push_screen_wait(Prompt("Title of the new postmortem"))
    if not title or not title.strip():
        tell("nothing was created")
        return None
    reference = await app.push_screen_wait(Prompt("What it is called in short, such as IR-400; enter alone calls it by its date and title"))
    if reference is None:
        tell("nothing was created")
        return None
    return await create_session(app, workspace, workspace.backend.begin(title, reference), tell)


async def create_session(
    app: App[None], workspace: Workspace, incident: Incident, tell: Tell, creation: Creation | None = None
) -> Session | None:
    """Create a postmortem after explaining what that means, and open it. ``creation`` is what is known about it already."""
    try:
        if creation is None:
            tell("loading templates…")
            creation = await workspace.backend.creation(incident)
            tell("")
        if creation.impossible:
            tell(f"no postmortem can be created for {incident.reference}: {creation.impossible}")
            return None
        template = await _template(app, creation) if len(creation.templates) > 1 else creation.default
        if (creation.templates and template is None) or not await _confirmed(app, incident, creation, template):
            tell("nothing was created")
            return None
        tell("creating the postmortem…")
        return await workspace.create(incident, template)
    except BackendError as error:
        tell(error.message)
    except (DraftBusy, OSError) as error:
        tell(f"the postmortem is created, but it cannot be opened: {error}")
    return None


async def _template(app: App[None], creation: Creation) -> Template | None:
    """The template to begin with, None when the user went back."""
    picks = [Pick(each, each.name, " · ".join(_marks(each))) for each in creation.templates]
    answer = await app.push_screen_wait(Picker("Template", picks, current=creation.default))
    return answer.value if isinstance(answer, Pick) and isinstance(answer.value, Template) else None


def _marks(template: Template) -> Iterator[str]:
    if template.location:
        yield f"{template.location}, not edited here" if template.locked else template.location
    if template.default:
        yield "default"


async def _confirmed(app: App[None], incident: Incident, creation: Creation, template: Template | None) -> bool:
    details = list(creation.warnings)
    if template is not None:
        details += [template.locked] if template.locked else []
        if template.unfilled:
            details.append("left in the text as {{…}}, for you to write: " + ", ".join(template.unfilled))
        details.append("\n".join(template.preview.splitlines()[:PREVIEWED]))
    question = f"Create a postmortem for {incident.reference}?"
    return await app.push_screen_wait(Ask(question, [("enter", "create it")], details)) == "enter"


async def adopt(app: App[None], workspace: Workspace, incident: Incident, tell: Tell) -> bool:
    """Remember the postmortem whose address the user pastes. A refusal stays in the dialog, with the reason."""
    asked_for = workspace.backend.pasted_address
    if why := words.why_none_is_pasted(workspace.backend.identity, asked_for):
        tell(why)
        return False
    title = f"{incident.reference}: paste {asked_for}"
    prompt = Prompt(title)
    while (address := await app.push_screen_wait(prompt)) and address.strip():
        try:
            await workspace.backend.adopt(incident, address.strip())
            return True
        except BackendError as error:
            prompt = Prompt(f"{title}\n{error.message}", address)
    return False


def configure(app: App[None], path: Path, environment: Mapping[str, str]) -> str:
    """Write a first configuration if there is none, and open it in the editor. Returns what to say."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(CONFIG, encoding="utf-8")
    _, why = run_editor(app, path, environment)
    return f"{why}; edit {path} and start pmtui again" if why else f"start pmtui again to use {path}"
