"""What a copy carries, and what it says of the rest; and copies onto a target that others write, too. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.base import Trouble
from pmtui.model.changes import FieldChanged
from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import TEXT, Cell, CellKind, Postmortem, Unread
from pmtui.model.values import Item, Link, Named, Person, Task
from pmtui.session.copy.carried import Carried, blank, carried
from pmtui.session.copy.loss import Fate
from pmtui.session.copy.mapping import FieldMap, as_toml
from pmtui.session.copy.merging import onto, without_base
from pmtui.session.copy.places import CopySource, Target, Telling
from pmtui.session.copy.saving import refused_values
from pmtui.session.copy.section import is_noted
from pmtui.session.report import Outcome, Report, Result
from pmtui.store.copies import Copied, Copies, CopyStage

BEGAN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
JANE, MARA = Person("1", "Jane Doe", "jane@example.com", "Lead"), Person("2", "Mara", "mara@example.com")
JANE_THERE = Person("u-1", "Jane Doe", "jane@example.com")
GRAPH = Cell("c3", "timeseries: p99", CellKind.OPAQUE, '{"type":"graph"}')

SOURCE_FORM = (
    Field("title", Kind.TEXT, "Title"),
    Field("severity", Kind.CHOICE, "Severity", tuple(map(Choice, ("P1", "P2", "P5")))),
    Field("status", Kind.CHOICE, "Status", tuple(map(Choice, ("draft", "published")))),
    Field("owner", Kind.PERSON, "Owner"),
    Field("responders", Kind.PEOPLE, "Responders", roles=("Lead",)),
    Field("responder_teams", Kind.TEAMS, "Responder teams"),
    Field("linked_issues", Kind.LINKS, "Linked issues"),
    Field("start_time", Kind.TIME, "Started", locked="set there"),
)
TARGET_FORM = (
    Field("title", Kind.TEXT, "Title"),
    Field("severity", Kind.CHOICE, "Severity", tuple(map(Choice, ("SEV-1", "SEV-2"))), consequence="may notify people", verbatim=True),
    Field("status", Kind.CHOICE, "State", tuple(map(Choice, ("active", "resolved"))), consequence="may notify people"),
    Field("owner", Kind.PERSON, "Commander", consequence="tells {}"),
    Field("responders", Kind.PEOPLE, "People", consequence="e-mails {}"),
    Field("teams", Kind.TEAMS, "Teams", verbatim=True),
    Field("linked_issues", Kind.LINKS, "Links"),
    Field("document_title", Kind.TEXT, "Document title", max_length=20),
    Field("declared", Kind.TIME, "Declared", locked="set here"),
)


def source(**fields: object) -> CopySource:
    """A postmortem with these fields and three cells."""
    cells = (Cell("c1", "## Summary\n\nfine"), Cell("c2", "## What\n\n:status[OPEN]{red}"), GRAPH)
    incident = Incident("i1", "#7", "Cache empty", status="resolved", created=BEGAN, url="https://old.example/7")
    values = {"title": "Cache empty - report", **fields}
    return CopySource(Postmortem(incident, "pm-7", "https://old.example/pm/7", SOURCE_FORM, values, cells), "Old", rich_text=True)  # type: ignore[arg-type]


def target(*cells: Cell, telling: Telling = Telling.RULES, found: dict[tuple[str, Item], Item] | None = None, **fields: object) -> Target:
    """A postmortem with these cells and fields."""
    postmortem = Postmortem(Incident("t1", "IR-1", "Cache"), "d1", "", TARGET_FORM, fields, cells)  # type: ignore[arg-type]
    return Target(postmortem, "New", rich_text=False, telling=telling, found=found or {})


def fates(made: Carried) -> dict[str, Fate]:
    return {each.part: each.fate for each in made.report.parts}


def last(made: Postmortem) -> str:
    return made.cells[-1].text


# ---- fields -------------------------------------------------------------------------------------------------------


def test_titles_go_to_the_incident_and_to_its_document() -> None:
    made = carried(source(), target(), FieldMap())
    assert made.postmortem.fields["title"] == "Cache empty"
    assert made.postmortem.fields["document_title"] == "Cache empty - report"
    longer = carried(source(title="A title of more than twenty"), target(), FieldMap())
    assert longer.postmortem.fields["document_title"] == "A title of more tha…"
    assert fates(longer)["document_title"] is Fate.CHANGED
    assert "A title of more than twenty" in last(longer.postmortem)


def test_a_severity_goes_by_its_number_and_the_configuration_knows_better() -> None:
    assert carried(source(severity="P1"), target(), FieldMap()).postmortem.fields["severity"] == "SEV-1"
    mapped = FieldMap(values={"severity": {"P1": "SEV-2"}})
    assert carried(source(severity="P1"), target(), mapped).postmortem.fields["severity"] == "SEV-2"
    without = carried(source(severity="P5"), target(), FieldMap())
    assert "severity" not in without.postmortem.fields and fates(without)["severity"] is Fate.IN_TEXT
    assert "- Severity: P5" in last(without.postmortem)


def test_a_value_that_was_refused_bars_itself_and_not_the_one_that_corrects_it(tmp_path: Path) -> None:
    refused = Report((Outcome("title", Result.REFUSED, change=FieldChanged("severity", "", "SEV-1"), trouble=Trouble.INVALID),), False)
    kept = Copied(CopyStage.WRITTEN, "t1", "d1", refused={**refused_values(refused), "impacts": ""})
    Copies(tmp_path).keep("old 7", "new", kept)
    known = Copies(tmp_path).find("old 7", "new")
    assert known == kept
    there = replace(target(), refused=known.refused)
    again = carried(source(severity="P1"), there, FieldMap())
    assert "severity" not in again.postmortem.fields and "- Severity: P1" in last(again.postmortem)
    assert [each.detail for each in again.report.parts if each.part == "severity"] == ["New refused it"]
    assert carried(source(severity="P2"), there, FieldMap()).postmortem.fields["severity"] == "SEV-2"
    whatever = carried(source(severity="P2"), replace(target(), refused={"severity": ""}), FieldMap())
    assert fates(whatever)["severity"] is Fate.IN_TEXT


def test_what_an_earlier_version_noted_as_refused_is_tried_once_more(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    copies.keep("old 7", "new", Copied(CopyStage.WRITTEN, "t1", "d1", refused={"severity": "x"}))
    (path,) = (tmp_path / "copies").iterdir()
    path.write_text(path.read_text().replace('{"severity":"x"}', '["severity"]'))
    known = copies.find("old 7", "new")
    assert known is not None and known.incident == "t1" and not known.refused


def test_a_field_can_be_sent_elsewhere_or_left_out() -> None:
    made = carried(source(severity="P1"), target(), FieldMap(fields={"severity": ""}))
    assert fates(made)["severity"] is Fate.LEFT and not made.report.incomplete
    made = carried(source(status="draft"), target(), FieldMap(fields={"status": "document_title"}))
    assert made.postmortem.fields["document_title"] == "draft"


def test_nobody_is_told_unless_it_is_asked_for() -> None:
    found: dict[tuple[str, Item], Item] = {("owner", JANE): JANE_THERE}
    quiet = carried(source(owner=JANE, severity="P1"), target(found=found, telling=Telling.NOBODY), FieldMap())
    assert "owner" not in quiet.postmortem.fields and "severity" not in quiet.postmortem.fields
    assert "- Owner: Jane Doe (Lead)" in last(quiet.postmortem)
    asked = carried(source(owner=JANE), target(found=found, telling=Telling.EVERYBODY), FieldMap())
    assert asked.postmortem.fields["owner"] == JANE_THERE
    there = carried(source(owner=JANE), target(found=found, owner=JANE_THERE), FieldMap())
    assert fates(there)["owner"] is Fate.EXACT, "what is there already tells nobody"


def test_people_who_are_not_known_there_and_roles_stand_in_the_text() -> None:
    made = carried(source(responders=(JANE, MARA)), target(found={("responders", JANE): JANE_THERE}, telling=Telling.EVERYBODY), FieldMap())
    assert made.postmortem.fields["responders"] == (JANE_THERE,)
    assert fates(made)["responders"] is Fate.CHANGED
    assert "- Responders: Jane Doe (Lead), Mara" in last(made.postmortem)


def test_lists_are_joined_and_times_are_the_same_moment() -> None:
    link = Link("https://x.example/1", "X-1")
    there = target(linked_issues=(Link("https://x.example/0", "X-0"),), declared="2026-11-01T09:30:00+00:00", teams=(Named("ops", "ops"),))
    made = carried(
        source(linked_issues=(link,), start_time="2026-11-01T09:30:00Z", responder_teams=(Named("9", "core"),)), there, FieldMap()
    )
    assert made.postmortem.fields["linked_issues"] == (Link("https://x.example/0", "X-0"), link)
    assert made.postmortem.fields["teams"] == (Named("ops", "ops"), Named("core", "core"))
    assert fates(made)["start_time"] is Fate.EXACT
    other = carried(source(start_time="2026-11-01T09:31:00Z"), there, FieldMap())
    assert fates(other)["start_time"] is Fate.IN_TEXT and "- Started: 2026-11-01T09:31:00Z" in last(other.postmortem)


def test_a_new_incident_gets_the_state_of_the_old_one() -> None:
    form = tuple(replace(each, locked="", consequence="") for each in TARGET_FORM)
    made = carried(source(status="draft"), Target(blank(source().postmortem, form), "New", False), FieldMap())
    assert made.postmortem.fields["status"] == "resolved"
    assert "- Status: draft" in last(made.postmortem)
    assert "status" not in carried(source(status="draft"), target(), FieldMap()).postmortem.fields, "a given one keeps its own"


def test_what_could_not_be_read_is_named_and_makes_it_incomplete() -> None:
    unread = replace(source().postmortem, unread=(Unread("owner", "data.owner is a number"), Unread(TEXT, "no list")), cells=())
    made = carried(replace(source(), postmortem=unread), target(), FieldMap())
    assert fates(made)["owner"] is fates(made)[TEXT] is Fate.LEFT
    assert made.report.incomplete


def test_foreign_words_are_no_markdown() -> None:
    made = carried(source(owner=Person("1", "*Eve* [x](y) <b> :tada:")), target(), FieldMap())
    assert r"- Owner: \*Eve\* \[x\](y) \<b\> \:tada:" in last(made.postmortem)


# ---- text ---------------------------------------------------------------------------------------------------------


def test_cells_go_as_they_are_or_as_plain_markdown_and_a_graph_as_a_line() -> None:
    made = carried(source(), target(), FieldMap())
    assert [cell.text for cell in made.postmortem.cells[:3]] == [
        "## Summary\n\nfine",
        "## What\n\n**OPEN**",
        "▦ timeseries: p99 · kept in [Old](https://old.example/pm/7)",
    ]
    assert [made.report.parts[n].fate for n in (-3, -2, -1)] == [Fate.EXACT, Fate.CHANGED, Fate.IN_TEXT]
    assert is_noted(made.postmortem, source().postmortem)


def test_among_accounts_of_one_vendor_everything_stays_as_it_is() -> None:
    alike = replace(target(), postmortem=replace(target().postmortem, form=SOURCE_FORM), vendor="Old", rich_text=True)
    made = carried(source(), alike, FieldMap())
    assert [cell.text for cell in made.postmortem.cells] == [cell.text for cell in source().postmortem.cells]
    assert made.postmortem.cells[-1].source == GRAPH.source and set(fates(made).values()) == {Fate.EXACT}


def test_a_fixed_section_becomes_a_heading_and_comes_back() -> None:
    fixed = Cell("summary", "In short", pinned=True, name="Executive summary")
    there = carried(replace(source(), postmortem=source().postmortem.with_cells((fixed,))), target(), FieldMap()).postmortem
    assert there.cells[0].text == "## Executive summary\n\nIn short"
    back = Target(Postmortem(Incident("i2", "#8", ""), "pm-8", form=SOURCE_FORM, cells=(replace(fixed, text=""),)), "Old", True)
    assert carried(CopySource(there, "New", False), back, FieldMap()).postmortem.cells[0] == fixed


def test_an_outline_is_replaced_and_the_words_of_others_stay() -> None:
    outline = carried(source(), target(Cell("a", "## Summary"), Cell("b", "## Impact\n")), FieldMap())
    assert [cell.title for cell in outline.postmortem.cells][:3] == [
        "Summary",
        "What",
        GRAPH.text and "▦ timeseries: p99 · kept in [Old](https://old.example/pm/7)",
    ]
    mixed = carried(source(), target(Cell("a", "## Summary\n\ntheirs"), Cell("b", "## Summary\n\nfine")), FieldMap())
    texts = [cell.text for cell in mixed.postmortem.cells]
    assert texts[:2] == ["## Summary\n\ntheirs", "## Summary\n\nfine"] and texts.count("## Summary\n\nfine") == 1
    assert "a" not in mixed.ours and "b" not in mixed.ours


# ---- a second time --------------------------------------------------------------------------------------------------


def first() -> tuple[Postmortem, Target]:
    """The target after a first copy, and as the target of the next one."""
    made = carried(source(severity="P1"), target(), FieldMap())
    return made.postmortem, replace(target(), postmortem=made.postmortem, ours=made.ours)


def test_a_second_copy_changes_nothing() -> None:
    base, again = first()
    merged = onto(source(severity="P1"), again, base, FieldMap())
    assert merged.postmortem.cells == base.cells and merged.postmortem.fields == base.fields and not merged.conflicts
    assert without_base(source(severity="P1"), again, FieldMap(), None).postmortem == base


def test_what_changed_on_either_side_is_merged() -> None:
    base, again = first()
    edited = (*base.cells[:1], Cell("x", "## New here\n\nby hand"), *base.cells[1:])
    there = replace(again, postmortem=replace(base.with_cells(edited), fields={**base.fields, "severity": "SEV-2"}))
    changed = source(severity="P1")
    more = replace(changed, postmortem=changed.postmortem.with_cells((Cell("c1", "## Summary\n\nbetter"), *changed.postmortem.cells[1:])))
    merged = onto(more, there, base, FieldMap())
    texts = [cell.text for cell in merged.postmortem.cells]
    assert texts[:2] == ["## Summary\n\nbetter", "## New here\n\nby hand"] and not merged.conflicts
    assert merged.postmortem.fields["severity"] == "SEV-2", "what nobody changed at the source is theirs"


@pytest.mark.parametrize(("whose", "said"), [(None, "there"), ("mine", "here"), ("theirs", "there")])
def test_what_both_changed_is_a_conflict_until_somebody_decides(whose: str | None, said: str) -> None:
    base, again = first()
    there = replace(again, postmortem=base.with_cells((replace(base.cells[0], text="## Summary\n\nthere"), *base.cells[1:])))
    mine = source(severity="P1")
    mine = replace(mine, postmortem=mine.postmortem.with_cells((Cell("c1", "## Summary\n\nhere"), *mine.postmortem.cells[1:])))
    merged = onto(mine, there, base, FieldMap(), whose)  # type: ignore[arg-type]
    assert merged.postmortem.cells[0].text == f"## Summary\n\n{said}"
    assert merged.conflicts == (("Summary",) if whose is None else ())
    alone = without_base(mine, there, FieldMap(), whose)  # type: ignore[arg-type]
    assert alone.postmortem.cells[0].text == f"## Summary\n\n{said}" if whose else alone.conflicts == ("Summary",)


def test_a_section_that_only_the_target_has_is_named_by_its_title() -> None:
    base, again = first()
    more = replace(again, postmortem=base.with_cells((*base.cells, Cell("x", "## New there\n\nby hand"))))
    assert without_base(source(severity="P1"), more, FieldMap(), None).conflicts == ("New there",)


# ---- the map --------------------------------------------------------------------------------------------------------


def test_the_map_can_be_pasted() -> None:
    import tomllib

    text = as_toml(FieldMap(), SOURCE_FORM, TARGET_FORM)
    table = tomllib.loads(text)["map"]
    assert table["severity"] == {"P1": "SEV-1", "P2": "SEV-2"}
    assert table["field"]["responder_teams"] == "teams" and table["field"]["start_time"] == "declared"
    assert '# P5 = "…"' in text and '# draft = "…"' in text


def test_a_task_is_said_with_all_that_it_has() -> None:
    form = (*SOURCE_FORM, Field("action_items", Kind.TASKS, "Action items"))
    tasks = (Task("1", "Write it", ("@jane",), "2026-12-01", done=True),)
    told = replace(source().postmortem, form=form, fields={**source().postmortem.fields, "action_items": tasks})
    assert "- Action items: Write it (@jane, due 2026-12-01, done)" in last(
        carried(replace(source(), postmortem=told), target(), FieldMap()).postmortem
    )


def test_an_edit_of_the_target_survives_any_number_of_copies() -> None:
    base, again = first()
    edited = base.with_cells((replace(base.cells[0], text="## Summary\n\nby hand"), *base.cells[1:]))
    for _ in range(3):
        merged = onto(source(severity="P1"), replace(again, postmortem=edited), base, FieldMap())
        assert merged.postmortem.cells == edited.cells
        base, again = merged.brought.postmortem, replace(again, ours=merged.brought.ours)


def test_a_team_and_a_service_of_one_name_are_two_things() -> None:
    here, team, service = Named("core", "core"), Named("t-1", "core"), Named("s-1", "core")
    form = (Field("affected_services", Kind.SERVICES, "Services"), Field("teams", Kind.TEAMS, "Teams"))
    told = replace(source().postmortem, form=form, fields={"affected_services": (here,), "teams": (here,)})
    found: dict[tuple[str, Item], Item] = {("affected_services", here): service, ("teams", here): team}
    there = Target(Postmortem(Incident("t1", "IR-1", ""), "d1", form=form), "New", False, found=found)
    made = carried(replace(source(), postmortem=told), there, FieldMap()).postmortem
    assert made.fields == {"affected_services": (service,), "teams": (team,)}


def test_a_link_that_the_target_calls_otherwise_is_no_conflict() -> None:
    base, again = first()
    linked = base.with_field("linked_issues", (Link("https://x.example/1", "1"),))
    merged = onto(
        source(severity="P1", linked_issues=(Link("https://x.example/1", "X-1"),)), replace(again, postmortem=linked), base, FieldMap()
    )
    assert merged.postmortem.fields["linked_issues"] == linked.fields["linked_issues"] and not merged.conflicts
