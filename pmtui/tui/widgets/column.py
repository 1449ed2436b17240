"""A vertical list in which only items near the window are widgets; their margins take the space of the others.

So showing it, and a key in one of its items, costs about the same for any number of items.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from itertools import groupby
from typing import Generic, TypeVar

from textual.containers import Vertical, VerticalScroll

from pmtui.tui.editor.running_sums import RunningSums

GAP = 1
"""Rows between two items."""
SCREENS = 2
"""The items that are counted for the first frame: as many as this many screens have rows, which is more than they can show."""


class Item(Vertical):
    """A widget of a column."""

    def rows_at(self, width: int) -> int:
        """The rows that it will take in a column of this width, without the gap below it."""
        raise NotImplementedError


ItemT = TypeVar("ItemT", bound=Item)


class Column(VerticalScroll, Generic[ItemT], can_focus=False):
    """A vertical list. Subclasses create the items, and guess the height of those that are not widgets yet.

    ``current`` is the index of the item that always is a widget, -1 for none.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.current = -1
        self._keys: list[str] = []
        self._places: dict[str, int] = {}
        self._items: dict[str, ItemT] = {}
        self._heights: dict[str, int] = {}  # of items that are no longer widgets
        self._room: RunningSums | None = None  # the rows of all items, with the gap below each, at the width of ``_room_at``
        self._room_at = 0
        self._is_counted = True  # False: the first frame is drawn before the heights of all items are guessed
        self._mounting = asyncio.Lock()

    def make(self, index: int) -> ItemT:
        """The widget of this item."""
        raise NotImplementedError

    def guess(self, index: int, width: int) -> int:
        """About how many rows this item takes. Must be quick."""
        raise NotImplementedError

    def gap(self, index: int) -> int:
        """The rows between this item and the next."""
        return GAP

    def taken_away(self, key: str, item: ItemT) -> None:
        """Called when an item is far from the window, and its widget is removed."""

    def item_at(self, index: int) -> ItemT | None:
        """The widget of this item, None when it has none."""
        return self._items.get(self._keys[index]) if 0 <= index < len(self._keys) else None

    def index_of(self, item: ItemT) -> int:
        """The index of this item, -1 when it is no longer in the list."""
        return next((self._places.get(key, -1) for key, each in self._items.items() if each is item), -1)

    async def keep(self, keys: Sequence[str]) -> None:
        """Show the items with these keys and no others; their existing widgets are kept."""
        first = not self._keys
        async with self._mounting:
            if list(keys) != self._keys:
                self._keys, self._room = list(keys), None
                self._places = {key: index for index, key in enumerate(keys)}
        await self.mount_near(0 if first else None)
        if first:
            self.call_after_refresh(self._count_all)

    async def _count_all(self) -> None:
        """Guess the heights of the items that the first frame does not need."""
        if not self._is_counted:
            self._is_counted, self._room = True, None
        await self.mount_near()

    async def forget_all(self) -> None:
        """Create every widget again, when next needed."""
        async with self._mounting:
            self._keys, self._places, self._room = [], {}, None
            self._items.clear()
            self._heights.clear()
            await _to_its_end(self.remove_children())

    async def mount_near(self, reach: int | None = None) -> None:
        """Create the widgets of items within this many rows of the window, and of the current one; remove most others."""
        async with self._mounting:
            if not self.is_attached:
                return
            sums = self._sums()
            near = self._near(sums, self._height // 2 if reach is None else reach)
            fresh = [index for index in near if self._keys[index] not in self._items]
            gone = self._out_of_reach(sums)
            if not fresh and not gone and not self._unsorted():
                self._keep_room(sums)
                return
            with self.app.batch_update():
                anchor = next((item for item in self._placed() if item.virtual_region.bottom > self.scroll_y), None)
                await self._remove(gone)
                self._sort()
                await self._mount(fresh)
                self._keep_room(sums := self._sums())
                if anchor is not None and (index := self.index_of(anchor)) >= 0:
                    self._stay(sums.before(index) - anchor.virtual_region.y)

    # ---- where things are ---------------------------------------------------------------------------------------
    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.look()

    def on_resize(self) -> None:
        self._heights.clear()
        self._room = None
        self.look()

    def guess_again(self, indexes: Iterable[int]) -> None:
        """The heights of these items may have changed; forget those of items without a widget."""
        for index in indexes:
            self._heights.pop(self._keys[index], None)
            if self._room is not None and self._keys[index] not in self._items:
                self._room.splice(index, index + 1, [self._rows(index, self._keys[index], self._room_at)])

    def look(self) -> None:
        """Create the widgets of items that are, or will soon be, visible."""
        if self.is_attached and any(self._keys[index] not in self._items for index in self._near(self._sums(), self._height // 4)):
            self.call_next(self.mount_near)

    @property
    def _height(self) -> int:
        return self.size.height or self.app.size.height

    @property
    def width_inside(self) -> int:
        """The width of an item."""
        return self.scrollable_content_region.width or self.app.size.width

    def _sums(self) -> RunningSums:
        """The rows of all items, with the gap below each; only those of widgets are measured again."""
        width, room = self.width_inside, self._room
        if room is None or self._room_at != width:
            self._room_at = width
            self._room = room = RunningSums(self._all_rows(width))
            return room
        for key in self._items.keys() & self._places.keys():
            index = self._places[key]
            if (rows := self._rows(index, key, width)) != room[index]:
                room.splice(index, index + 1, [rows])
        return room

    def _all_rows(self, width: int) -> list[int]:
        """The rows of each item. Before the first frame, all but those of the first screens are taken for the mean of these."""
        count = len(self._keys) if self._is_counted else min(len(self._keys), SCREENS * self._height)
        counted = [self._rows(index, key, width) for index, key in enumerate(self._keys[:count])]
        return counted + [sum(counted) // count] * (len(self._keys) - count) if counted else []

    def _rows(self, index: int, key: str, width: int) -> int:
        item = self._items.get(key)
        if item is None:
            return (self._heights.get(key) or self.guess(index, width)) + self.gap(index)
        return (item.outer_size.height or item.rows_at(width)) + self.gap(index)

    def _near(self, sums: RunningSums, reach: int) -> list[int]:
        """The items within this many rows of the window, and around the current one."""
        if not self._keys:
            return []
        top, height = int(self.scroll_y), self._height
        found = set(_within(sums, top - reach, top + height + reach))
        if 0 <= self.current < len(self._keys):
            start = sums.before(self.current)
            end = start + sums[self.current] - self.gap(self.current)
            found.add(self.current)
            if start < top or end > top + height:
                found.update(_within(sums, start - height, start + height), _within(sums, end - height, end + height))
        return sorted(found)

    def _out_of_reach(self, sums: RunningSums) -> list[str]:
        """The keys of widgets that are far from the window and the current item, or no longer in the list."""
        near = {self._keys[index] for index in self._near(sums, 2 * self._height)}
        return [key for key in self._items if key not in near]

    def _placed(self) -> list[ItemT]:
        """The widgets in document order."""
        return [self._items[key] for key in self._keys if key in self._items]

    # ---- the widgets ----------------------------------------------------------------------------------------------
    def _unsorted(self) -> bool:
        return list(self.children) != self._placed()

    def _sort(self) -> None:
        for at, item in enumerate(self._placed()):
            if at < len(self.children) and self.children[at] is not item:  # fewer while it is being closed
                self.move_child(item, before=at)

    async def _remove(self, keys: Iterable[str]) -> None:
        going = {key: self._items.pop(key) for key in keys}
        for key, item in going.items():
            self._heights[key] = item.outer_size.height
            self.taken_away(key, item)
        if going:
            await _to_its_end(self.remove_children(going.values()))

    async def _mount(self, indexes: Sequence[int]) -> None:
        """Mount these widgets; adjacent ones together."""
        for _, run in groupby(enumerate(indexes), lambda pair: pair[1] - pair[0]):
            together = [index for _, index in run]
            below = next((self._items[key] for key in self._keys[together[-1] :] if key in self._items), None)
            made = {self._keys[index]: self.make(index) for index in together}
            self._items.update(made)
            await self.mount(*made.values(), before=below)

    def _keep_room(self, sums: RunningSums) -> None:
        """Give each widget a margin as high as the items above it without a widget; the last one also for those below."""
        placed = [index for index, key in enumerate(self._keys) if key in self._items]
        above = gap = 0  # the rows down to here, and those of the gap among them
        for index in placed:
            missing = sums.before(index) - above
            top = missing + gap if missing else 0  # adjacent margins collapse to the larger one
            above, gap = sums.before(index + 1), self.gap(index)
            bottom = gap + (sums.total - above if index == placed[-1] else 0)
            self._items[self._keys[index]].styles.margin = (top, 0, bottom, 0)

    def _stay(self, moved: int) -> None:
        """Keep what is visible in its place when items above it turn out to have another height than guessed."""
        if moved and self.scroll_y:
            self.scroll_to(y=self.scroll_y + moved, animate=False, immediate=True)


def _within(sums: RunningSums, top: int, bottom: int) -> range:
    """The items in these rows: a range of indexes (end exclusive)."""
    return range(sums.find(max(0, top)), sums.find(max(0, bottom - 1)) + 1)


async def _to_its_end(removing: Awaitable[None]) -> None:
    """Wait for it. Who is cancelled meanwhile, as a search is by the end of the program, must not cancel the widgets that go."""

    async def gone() -> None:
        await removing

    await asyncio.shield(gone())
