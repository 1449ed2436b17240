"""Before a text is sent, it is told whom its mentions would notify, and which of them are none any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pmtui.backends.base import Step
from pmtui.model.changes import CellEdited, Change
from pmtui.model.diff import diff
from pmtui.model.postmortem import Cell, Postmortem
from tests.backends.opsgenie.account import account

WRONG = "name and account differ: @[Samuel Okafor] notifies Pavel Novák"


def rewritten(found: Postmortem, cell: Cell, text: str) -> tuple[Postmortem, Sequence[Change]]:
    mine = found.with_cells(tuple(replace(each, text=text) if each is cell else each for each in found.cells))
    return mine, diff(found, mine)


async def test_a_name_that_was_changed_keeps_the_account_and_that_is_told_before_it_is_sent() -> None:
    async with account() as there:
        for kept in there.state.postmortems.values():
            found = await there.opened(kept)
            cell = next((each for each in found.cells if each.editable and "@[Pavel Novák](" in each.text), None)
            if cell is not None:
                break
        assert cell is not None
        mine, changes = rewritten(found, cell, cell.text.replace("@[Pavel Novák]", "@[Samuel Okafor]"))
        step = _text(there.backend.plan(found, mine, changes))
        assert WRONG in step.warnings and step.needs_consent == WRONG
        mine, changes = rewritten(found, cell, cell.text.replace("@[Pavel Novák](", "Pavel Novák]("))
        step = _text(there.backend.plan(found, mine, changes))
        assert [each for each in step.warnings if each.startswith("a mention became plain text: ")]
        mine, changes = rewritten(found, cell, cell.text + "\n\nOne line more.")
        step = _text(there.backend.plan(found, mine, changes))
        assert (step.warnings, step.needs_consent) == ((), "")


async def test_a_person_mentioned_in_another_document_is_known_by_it() -> None:
    async with account() as there:
        for kept in there.state.postmortems.values():
            found = await there.opened(kept)
        pavel = next(identifier for identifier, name in there.backend.mentioned().items() if name == "Pavel Novák")
        bare = next(kept for kept in there.state.postmortems.values() if pavel not in str(kept["content"]) + str(kept["executiveSummary"]))
        found = await there.opened(bare)
        cell = next(each for each in found.cells if each.editable and not each.pinned)
        mine, changes = rewritten(found, cell, f"{cell.text}\n\n@[Samuel Okafor]({pavel})")
        assert WRONG in _text(there.backend.plan(found, mine, changes)).warnings


def _text(steps: Sequence[Step]) -> Step:
    (step,) = (step for step in steps if any(isinstance(each, CellEdited) for each in step.changes))
    return step
