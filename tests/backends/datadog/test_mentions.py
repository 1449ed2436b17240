"""A handle that is only half there notifies nobody: the step that sends it says so."""

from __future__ import annotations

from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.model.postmortem import Postmortem
from tests.backends.datadog.saving import planned, save, with_text


async def test_what_is_left_of_a_handle_is_told_before_it_is_sent(backend: DatadogBackend, opened: Postmortem) -> None:
    handle = "@jane.doe@example.com"
    with_handle, _ = await save(backend, opened, with_text(opened, 1, f"## Impact\n\nAsk {handle} first."))
    _, _, steps = await planned(backend, with_handle, with_text(with_handle, 1, "## Impact\n\nAsk @jane.doe first."))
    assert [each for step in steps for each in step.warnings] == ["a mention became plain text: @jane.doe first."]
    _, _, steps = await planned(backend, with_handle, with_text(with_handle, 1, f"## Impact\n\nAsk {handle} now."))
    assert [each for step in steps for each in step.warnings] == []
