"""The state of the Datadog service: plain JSON records, made from the world when first needed."""

from __future__ import annotations

import copy
import gc
import hashlib
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.datadog import catalogue, scenario
from pmtui.sandbox.datadog.answers import stamp
from pmtui.sandbox.datadog.switches import Switches
from pmtui.sandbox.world.build import build

Record = dict[str, Any]
Clock = Callable[[], datetime]
Result = tuple[list[Record], dict[str, Any]]
"""What a search finds: all its incidents, and their facets."""

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class State:
    """Incidents, notebooks and configuration.

    The world's incidents and notebooks are made lazily, so that ten thousand of them cost nothing until they are read. Call
    `change` before changing an incident, and `change_notebook` before changing a notebook.
    """

    def __init__(self, count: int, now: datetime, switches: Switches, clock: Clock) -> None:
        self.switches = switches
        self._clock = clock
        self.serial = 0
        self._begin(count, now)
        self._latest = now
        self._random = random.Random("datadog cells")

    def _begin(self, count: int, now: datetime) -> None:
        self.world = build(count, now)
        self.users: dict[str, Record] = catalogue.users(self.world)
        self.me = catalogue.user_id(self.world.me)
        self.types, self.fields, self.templates = catalogue.types(self.me), catalogue.fields(self.me), catalogue.templates(self.me)
        self.order = [scenario.incident_id(number) for number in range(1, count + 1)]
        self.next_public_id = scenario.public_id(count + 1)
        self._numbers = {identifier: number for number, identifier in enumerate(self.order, 1)}
        self._incidents: dict[str, Record] = {}
        self._notebooks: dict[int, Record] = {}
        self._touched: set[str] = set()
        self._touched_notebooks: set[int] = set()
        self._gone_notebooks: set[int] = set()
        self._earlier: dict[str, list[tuple[datetime, Record | None]]] = {}
        self.last_search: tuple[tuple[str, str], Result] | None = None  # its query and sort; None after a write
        self.seen_notebooks: dict[int, str] = {}  # `modified` of each notebook when the caller last read it

    def now(self) -> datetime:
        """The time, different at each call, so that `modified` always changes."""
        self._latest = max(self._clock(), self._latest + timedelta(microseconds=1))
        return self._latest

    def stamp(self) -> str:
        """`now`, formatted as in the state."""
        return stamp(self.now())

    def new_id(self) -> str:
        """A UUID of version 4, the same in every run."""
        self.serial += 1
        return str(uuid.UUID(bytes=hashlib.sha256(f"datadog {self.serial}".encode()).digest()[:16], version=4))

    def new_cell_id(self) -> str:
        """Eight letters and digits, as cells have them; the same in every run."""
        return "".join(self._random.choices(LETTERS, k=8))

    # Incidents

    def incident(self, identifier: str) -> Record | None:
        """The record, None when there is no such incident."""
        found = self._incidents.get(identifier)
        if found is None and identifier in self._numbers:
            found = scenario.incident(self.world, self._numbers[identifier], self.switches.site)
            self._incidents[identifier] = found
        return found

    def _build_all(self) -> None:
        """Make all incidents that nobody has read yet, with the garbage collector off: thousands of records have no cycles."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            for identifier in self._numbers.keys() - self._incidents.keys():
                self.incident(identifier)
        finally:
            if collecting:
                gc.enable()

    def incidents(self) -> Iterator[Record]:
        """All, oldest first."""
        if len(self._incidents) < len(self.order):
            self._build_all()
        for identifier in self.order:
            record = self.incident(identifier)
            assert record is not None
            yield record

    def change(self, record: Record) -> None:
        """Call this before changing an incident: search keeps showing the old version for a while."""
        self._earlier.setdefault(record["id"], []).append((self.now(), copy.deepcopy(record)))
        self._touched.add(record["id"])

    def touch(self, record: Record) -> None:
        """Note that the caller changed it: `modified`, and by whom."""
        record["modified"] = self.stamp()
        record["last_modified_by"] = self.me

    def add(self, record: Record) -> None:
        """Add a new incident, which search does not find yet."""
        self._earlier[record["id"]] = [(self.now(), None)]
        self._incidents[record["id"]] = record
        self._touched.add(record["id"])
        self.order.append(record["id"])
        self.next_public_id = max(self.next_public_id, record["public_id"]) + 1

    def indexed(self) -> list[Record]:
        """The incidents as the search index has them: some time behind, and without test incidents."""
        if self.switches.lag == 0:
            return [record for record in self.incidents() if not record["is_test"]]
        self._build_all()
        horizon = self.now() - timedelta(seconds=self.switches.lag)
        self._forget(horizon)
        seen: list[Record] = []
        for identifier in self.order:
            earlier = self._earlier.get(identifier)
            record = earlier[0][1] if earlier else self.incident(identifier)
            if record is not None and not record["is_test"]:
                seen.append(record)
        return seen

    @property
    def index_is_behind(self) -> bool:
        """Whether the search index will change although nothing is written."""
        return self.switches.lag > 0 and bool(self._earlier)

    def _forget(self, horizon: datetime) -> None:
        """Drop old versions that the index no longer shows."""
        for identifier, versions in list(self._earlier.items()):
            late = [version for version in versions if version[0] > horizon]
            if late:
                self._earlier[identifier] = late
            else:
                del self._earlier[identifier]

    # Notebooks

    def notebook(self, identifier: int) -> Record | None:
        """The record, None when there is no such notebook."""
        if identifier in self._gone_notebooks:
            return None
        found = self._notebooks.get(identifier)
        if found is None:
            found = scenario.notebook(self.world, identifier)
            if found is not None:
                for cell in found["cells"]:
                    cell["id"] = self.new_cell_id()
                self._notebooks[identifier] = found
        return found

    def notebooks(self) -> Iterator[Record]:
        """All, by id."""
        for identifier in sorted({*scenario.notebook_ids(self.world), *self._notebooks} - self._gone_notebooks):
            record = self.notebook(identifier)
            assert record is not None
            yield record

    def change_notebook(self, record: Record) -> None:
        """Call this before changing a notebook."""
        self._touched_notebooks.add(record["id"])

    def add_notebook(self, record: Record) -> None:
        """Add a new notebook."""
        self._notebooks[record["id"]] = record
        self._touched_notebooks.add(record["id"])

    def remove_notebook(self, identifier: int) -> None:
        """Forget a notebook; attachments that point to it stay."""
        self._notebooks.pop(identifier, None)
        self._touched_notebooks.discard(identifier)
        self._gone_notebooks.add(identifier)

    def new_notebook_id(self) -> int:
        """An unused id."""
        self.serial += 1
        return scenario.FIRST_NEW_NOTEBOOK + self.serial

    # Between runs

    def dump(self) -> dict[str, Any]:
        """What differs from the world made of `count` and `now`."""
        return {
            "count": len(self.world.incidents),
            "now": self.world.now.isoformat(),
            "serial": self.serial,
            "next_public_id": self.next_public_id,
            "order": self.order if self._touched else [],
            "incidents": {name: self._incidents[name] for name in sorted(self._touched) if name in self._incidents},
            "notebooks": {str(name): self._notebooks[name] for name in sorted(self._touched_notebooks)},
            "gone_notebooks": sorted(self._gone_notebooks),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restore a dump. Search shows it at once."""
        self._begin(state["count"], datetime.fromisoformat(state["now"]))
        self.serial, self.next_public_id = state["serial"], state["next_public_id"]
        self._incidents.update(state["incidents"])
        self._touched.update(state["incidents"])
        self._notebooks.update({int(name): record for name, record in state["notebooks"].items()})
        self._touched_notebooks.update(self._notebooks)
        self._gone_notebooks.update(state["gone_notebooks"])
        if state["order"]:
            self.order = list(state["order"])
