"""Builds the postmortem for the target of a copy, and the fate of each part of the source. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pmtui.model.equality import same_item
from pmtui.model.fields import DOCUMENT_TITLE, STATUS, TITLE, Field
from pmtui.model.incident import Incident
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.model.values import Value, label_of
from pmtui.session.copy import section
from pmtui.session.copy.cells import carried_cells, placed
from pmtui.session.copy.loss import Fate, LossReport, PartLoss
from pmtui.session.copy.mapping import BEGINNINGS, ENDINGS, RECORDED, FieldMap, state_of
from pmtui.session.copy.places import CopySource, Target, shared
from pmtui.session.copy.values import LOOKED_UP, joined, moment, same, taken
from pmtui.store.audit import fingerprint


@dataclass(frozen=True, slots=True)
class Carried:
    """``postmortem`` is the target with everything copied into it; ``ours`` are the keys of the copied cells."""

    postmortem: Postmortem
    report: LossReport
    ours: frozenset[str]


def blank(source: Postmortem, form: tuple[Field, ...]) -> Postmortem:
    """The target of a copy whose incident does not exist yet: what an import would create, with the target's form."""
    began = next(iter(beginnings(source)), None)
    about = Incident("", "", source.incident.title, created=began, private=source.incident.private)
    return Postmortem(about, form=form)


def beginnings(source: Postmortem) -> tuple[datetime, ...]:
    """When the incident began, by its postmortem and by the vendor: two times when they differ."""
    said = (moment(label_of(source.fields.get(name))) for name in BEGINNINGS)
    return tuple(dict.fromkeys(each for each in (*said, source.incident.created) if each is not None))


def carried(source: CopySource, target: Target, mapping: FieldMap) -> Carried:
    """Copy every part of the source to its place in the target; what has no place goes to the section "Carried over"."""
    fields = _Fields(source, target, mapping)
    fields.carry()
    if shared(source, target):
        return Carried(fields.wanted, LossReport((*_without_text(fields.losses), PartLoss(TEXT, "Text", Fate.EXACT))), frozenset())
    texts = carried_cells(source, target)
    unread = _unread_text(source.postmortem)
    losses = [*fields.losses, *(each.loss for each in texts), *unread]
    cells = [each.cell for each in texts]
    if fields.lines or unread or source.vendor != target.vendor:
        words = section.section(section.note(source.postmortem, source.vendor), fields.lines)
        cells.append(Cell("carried", words))
    made, ours = placed(cells, target)
    return Carried(replace(fields.wanted, cells=made), LossReport(tuple(losses)), ours)


def _without_text(losses: Sequence[PartLoss]) -> list[PartLoss]:
    """The fates in a target whose text cannot be written, and which has no title of its own."""
    told = [each for each in losses if each.part != DOCUMENT_TITLE]
    return [replace(each, fate=Fate.LEFT) if each.fate is Fate.IN_TEXT else each for each in told]


def _unread_text(source: Postmortem) -> list[PartLoss]:
    why = source.why_unread(TEXT) or ("" if source.cells else source.text_locked)
    return [PartLoss(TEXT, "Text", Fate.LEFT, why)] if why else []


class _Fields:
    """The fields of one copy, while it is being built."""

    def __init__(self, source: CopySource, target: Target, mapping: FieldMap) -> None:
        self._source = source.postmortem
        self._target = target
        self._alike = source.vendor == target.vendor
        self._mapping = mapping
        self._form = {each.name: each for each in target.postmortem.form}
        self.wanted = target.postmortem
        self.lines: list[tuple[str, Value]] = []
        self.losses: list[PartLoss] = []
        self._filled: set[str] = set()  # the target's fields, by their names there

    def carry(self) -> None:
        """Copy every field that has a value, in the order of the source's form."""
        for name, value in _titles(self._source, self._form).items():
            self._put(Field(name, self._form[name].kind, self._form[name].label), value, self._form[name])
        if self._alike and not self._source.fields.get(DOCUMENT_TITLE):
            self.losses = [each for each in self.losses if each.part != DOCUMENT_TITLE]  # it is only there
        status = self._form.get(STATUS)
        if self._target.is_new and status is not None:
            ended = any(self._source.fields.get(name) for name in ENDINGS)
            state = state_of(self._source.incident.status, status) or (state_of("resolved", status) if ended else None)
            self.wanted = self.wanted.with_field(STATUS, state)
        for field in self._source.form:
            if field.name not in (TITLE, DOCUMENT_TITLE):
                self._carry(field, self._source.fields.get(field.name))
        if self._alike:
            self._name_what_is_only_there()

    def _name_what_is_only_there(self) -> None:
        """Report the fields that the target has filled and the source has not: by the vendor's defaults, or before the copy."""
        told = {each.part for each in self.losses} | self._filled
        for name, field in self._form.items():
            value = self.wanted.fields.get(name)
            if value and name not in told and not self._source.fields.get(name):
                self._lose(field, Fate.CHANGED, f"only there: {section.said(value)}")

    def _carry(self, field: Field, value: Value) -> None:
        if why := self._source.why_unread(field.name):
            self._lose(field, Fate.LEFT, f"could not be read: {why}")
            return
        if not value:
            return
        place = self._mapping.place(field, self._target.postmortem.form)
        if place == "":
            self.losses.append(PartLoss(field.name, field.label, Fate.LEFT, "the configuration leaves it out", asked=True))
        elif place is None or place not in self._form:
            self._say(field, value, f"{self._target.vendor} has no such field")
        else:
            self._put(field, value, self._form[place])

    def _put(self, field: Field, value: Value, place: Field) -> None:
        """Put a value into its field, as far as the field takes it; the rest goes into the text."""
        there = self.wanted.fields.get(place.name)
        got = taken(field, value, place, self._mapping, self._target.found)
        full = joined(there, got.value) if place.kind.is_list else got.value
        already = bool(got.value) and same(place.kind, there, full)
        why = "" if already else _why_refused(place, full, self._target) or why_not(place, self._target)
        if not got.value and not (why and place.kind in LOOKED_UP):  # what may not be set was not looked up either
            why = f"{place.label} of {self._target.vendor} cannot hold it"
        if why:
            self._say(field, value, why)
            return
        if got.rest:
            self.lines.append((field.label, got.rest))
        detail = "; ".join(filter(None, (got.detail or ("part of it is in the text" if got.rest else ""), _more(full, got.value))))
        self._lose(field, Fate.CHANGED if detail else Fate.EXACT, detail)
        self._filled.add(place.name)
        if not already:
            self.wanted = self.wanted.with_field(place.name, full)

    def _say(self, field: Field, value: Value, why: str) -> None:
        if self._alike and field.name in RECORDED:
            self._lose(field, Fate.CHANGED, f"{why}; at the source {section.said(value)}")
            return
        self.lines.append((field.label, value))
        self._lose(field, Fate.IN_TEXT, why)

    def _lose(self, field: Field, fate: Fate, detail: str) -> None:
        self.losses.append(PartLoss(field.name, field.label, fate, detail))


def _titles(source: Postmortem, form: Mapping[str, Field]) -> dict[str, Value]:
    """The titles of the target: the incident's, and the document's where it has its own."""
    document = source.fields.get(DOCUMENT_TITLE) or source.fields.get(TITLE) or source.incident.title
    if DOCUMENT_TITLE in form:
        return {DOCUMENT_TITLE: document, **({TITLE: source.incident.title} if TITLE in form else {})}
    return {TITLE: document} if TITLE in form else {}


def _more(full: Value, copied: Value) -> str:
    """The items of a list that the target has besides the copied ones."""
    if not isinstance(full, tuple) or not isinstance(copied, tuple) or len(full) == len(copied):
        return ""
    more = tuple(each for each in full if not any(same_item(each, other) for other in copied))
    return f"also there: {section.said(more)}" if more else ""  # type: ignore[arg-type]  # items of one kind


def why_not(place: Field, target: Target) -> str:
    """Why a field of the target is not set, whatever the value, "" when it is."""
    if place.locked:
        return place.locked
    if not target.telling.allows(place):
        return f"setting it {place.consequence.replace('{}', 'people')}; --notify sets it"
    return ""


def _why_refused(place: Field, value: Value, target: Target) -> str:
    """Why this value is not sent, "" when it is: another one that is sent instead may be taken."""
    known = target.refused.get(place.name)
    return f"{target.vendor} refused it" if known is not None and known in ("", fingerprint(value)) else ""
