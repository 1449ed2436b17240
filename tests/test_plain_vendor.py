"""A vendor that needs nothing: no credentials, no address, no settings. What is said of it is still a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.backends.base import Backend, BackendError
from pmtui.backends.registry import VENDORS
from pmtui.cli.commands.program.doctor import _profile
from pmtui.cli.commands.program.help import _variables
from pmtui.cli.errors import explain
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import ConfigError, load
from pmtui.profiles import Profile
from pmtui.store.drafts import DraftBusy
from pmtui.store.lock import this_process
from pmtui.vendor import Setting, Vendor
from tests.session.fake import INCIDENT, FakeBackend, Server

PLAIN = Vendor("shed", "Shed", setup="")


def test_doctor_names_no_place_where_there_is_none() -> None:
    profile = Profile("p", "shed", origin="FILE")
    assert [check.detail for check in _profile(profile, PLAIN)] == ["p: Shed, from FILE"]
    placed = PLAIN._replace(place="folder", settings=(Setting("folder"),))
    assert [check.detail for check in _profile(profile, placed)] == ["p: Shed at its usual place, from FILE"]
    there = replace(profile, settings={"folder": "/srv"})
    assert [check.detail for check in _profile(there, placed)] == ["p: Shed at /srv, from FILE"]


def test_help_says_that_it_needs_no_variables() -> None:
    assert _variables(PLAIN) == ["  Shed (--profile shed) needs no variables"]
    assert _variables(PLAIN._replace(url="PMTUI_SHED_URL")) == ["  Shed (--profile shed):", "    PMTUI_SHED_URL"]


def test_a_key_is_said_to_be_for_all_vendors_that_take_it(tmp_path: Path) -> None:
    file = tmp_path / ".config" / "pmtui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[profiles.p]\nvendor = "shed"\nbase_url = "https://x.example"\n')
    file.chmod(0o600)
    takers = " and ".join(name for name, vendor in VENDORS.items() if vendor.url)
    with pytest.raises(ConfigError, match=f"it is for {takers} profiles$"):
        load({"HOME": str(tmp_path)}, {**VENDORS, "shed": PLAIN}).profile("p")


async def test_what_it_cannot_create_reads_right_behind_both_beginnings() -> None:
    offered = await Backend.creation(FakeBackend(Server()), INCIDENT)
    assert offered.impossible == "not possible with this vendor"


def test_a_draft_of_a_living_process_says_what_to_do_there() -> None:
    assert explain(DraftBusy(this_process())).message.endswith("; save or leave there first")
    gone = replace(this_process(), pid=2**22 + 1)
    assert explain(DraftBusy(gone)).message.endswith("open the draft in the screens to take it over")


async def test_what_it_cannot_do_has_one_exit_code_and_says_what_next() -> None:
    backend = FakeBackend(Server())
    unable = (
        Backend.create(backend, INCIDENT),
        Backend.timeline(backend, INCIDENT),
        Backend.adopt(backend, INCIDENT, "x"),
        Backend.import_form(backend),
    )
    for asked in unable:
        with pytest.raises(BackendError) as caught:
            await asked
        assert explain(caught.value).code is ExitCode.LOCKED and caught.value.advice
