"""Finds mentions of people in a text, and checks what an edit did to them. Pure.

``@[Jane Doe](557058:4a47)`` shows a name and notifies an account; after an edit the two may not match.
``@jane@example.com`` is both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pmtui.model.changes import CellAdded, CellEdited, Change
from pmtui.model.postmortem import Postmortem

_MENTION = re.compile(
    r"@\[(?P<name>(?:[^\[\]\\\n]|\\.){0,300}+)\]\((?P<account>[^\s()<>]{0,300}+)\)(?P<more>\{[^{}\n]{0,300}+\})?"
    r"|(?<![\w.+@-])@(?P<handle>[\w.+-]{1,100}+@[\w-]{1,100}(?:\.[\w-]{1,100})+)"
)
_BEGUN = re.compile(r"(?:^|(?<=[\s(]))@(\w[\w.-]{0,40})$")
_BEHIND_AT = re.compile(r"@([\w.-]*)$")
_ESCAPED = re.compile(r"\\(.)")
_LONGEST = 40
_LONGEST_BEGUN = 64
"""How many characters of a broken mention a warning quotes."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters ``start`` to ``end`` of a text. ``name`` is "" in a handle, whose ``account`` is the address."""

    start: int
    end: int
    name: str
    account: str

    @property
    def said(self) -> str:
        """The mention without its account, as a warning names it."""
        return f"@[{self.name}]" if self.name else f"@{self.account}"


def mentions(text: str) -> tuple[Mention, ...]:
    """The mentions in a text, in order."""
    return tuple(_mention(found) for found in _MENTION.finditer(text))


def around_mentions(line: str, start: int, end: int) -> tuple[int, int]:
    """The range, extended to the whole of each mention that it touches."""
    for each in mentions(line):
        if each.start < end and start < each.end:
            start, end = min(start, each.start), max(end, each.end)
    return start, end


def begun(line: str, column: int) -> re.Match[str] | None:
    """The ``@`` and the letters that stand before this column; the letters are group 1. None where nobody is being mentioned."""
    return _BEGUN.search(line[max(0, column - _LONGEST_BEGUN) : column])


def letters_behind_at(line: str, column: int) -> str | None:
    """The letters behind an ``@`` before this column, "" for none yet; None where there is no ``@``."""
    found = _BEHIND_AT.search(line[max(0, column - _LONGEST_BEGUN) : column])
    return found[1] if found else None


def misnamed_in(changes: Iterable[Change], server: Postmortem, known: Mapping[str, str]) -> tuple[str, ...]:
    """The warnings of ``misnamed`` for the sections that these changes write."""
    written = [each.cell if isinstance(each, CellAdded) else each.after for each in changes if isinstance(each, CellAdded | CellEdited)]
    return misnamed([cell.text for cell in server.cells], [cell.text for cell in written], known)


def broken_in(changes: Iterable[Change]) -> tuple[str, ...]:
    """The warnings of ``broken`` for the sections that these changes edit."""
    edited = (each for each in changes if isinstance(each, CellEdited))
    return tuple(dict.fromkeys(said for each in edited for said in broken([each.before.text], [each.after.text])))


def names_of(texts: Iterable[str], known: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of each account: those in ``known`` first, then those in the texts."""
    found = {account: [name] for account, name in known.items() if account and name}
    for each in _all(texts):
        if each.name and each.account and each.name not in found.setdefault(each.account, []):
            found[each.account].append(each.name)
    return found


def account_of(name: str, texts: Iterable[str], known: Mapping[str, str]) -> str:
    """The account of the person with exactly this name, "" when it is not known or not unique."""
    named = [account for account, names in names_of(texts, known).items() if any(_words(each) == _words(name) for each in names)]
    return named[0] if len(named) == 1 else ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A text after names in it were replaced. ``told`` says, for each mention whose name changed, whom it now notifies."""

    text: str
    told: tuple[str, ...] = ()


def renamed(before: str, after: str, stored: Iterable[str], known: Mapping[str, str]) -> Renamed:
    """Give mentions that were renamed between ``before`` and ``after`` the accounts of their new names, if these are known.

    The accounts come from ``stored`` and ``known``, as in ``account_of``. A mention whose new name is nobody's keeps its account.
    """
    was, now = mentions(before), mentions(after)
    if [each.account for each in was] != [each.account for each in now]:
        return Renamed(after)
    texts, told, pieces, at = list(stored), dict[str, None](), list[str](), 0
    names = names_of(texts, known)
    for old, new in zip(was, now, strict=True):
        if old.name == new.name or not new.name:
            continue
        account = account_of(new.name, texts, known)
        if not account:
            told[f"{new.said} still notifies {names.get(new.account, [old.name])[0]}: no account of that name is known"] = None
        elif account != new.account:
            told[f"{new.said} has the account of that name"] = None
            place = after.rindex(f"({new.account})", new.start, new.end) + 1
            pieces += [after[at:place], account]
            at = place + len(new.account)
    return Renamed("".join([*pieces, after[at:]]), tuple(told))


def misnamed(before: Iterable[str], after: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Warnings for new mentions in ``after`` that notify somebody else than the person they name.

    Names come from ``before``, the texts as the server has them, and from ``known``, names by account. A part of a name is fine.
    """
    stored = list(before)
    there = {(each.name, each.account) for each in _all(stored)}
    names = names_of(stored, known)
    people = {_words(name) for called in names.values() for name in called}
    found: dict[str, None] = {}
    for each in _all(after):
        if not each.name or not each.account or (each.name, each.account) in there:
            continue
        called = names.get(each.account, [])
        if called and not any(_words(each.name) and _words(each.name) <= _words(name) for name in called):
            found[f"name and account differ: {each.said} notifies {called[0]}"] = None
        elif not called and _words(each.name) in people:
            found[f"name and account differ: {each.said} has another account than elsewhere, {each.account}"] = None
    return tuple(found)


def broken(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    """Warnings for mentions of ``before`` that are incomplete in ``after``, so that they notify nobody."""
    was, now = list(before), list(after)
    stored = list(_all(was))
    gone = Counter(each.account for each in stored) - Counter(each.account for each in _all(now))
    accounts = {each.account for each in stored}
    kept, left = (_between(texts, accounts) for texts in (was, now))
    found: dict[str, None] = {}
    for mark in (_remains([each for each in stored if each.account == account]) for account in gone):
        places = [place.start() for place in mark.finditer(left)]
        old = len(mark.findall(kept))
        if len(places) > old:
            found[f"a mention became plain text: {_quoted(left, places[old])}"] = None
    return tuple(found)


def _remains(same: list[Mention]) -> re.Pattern[str]:
    """What shows that a mention of this account was here: the account, or one end of the mention."""
    first = same[0]
    if not first.name:
        local = re.escape(first.account.partition("@")[0])
        return re.compile(rf"(?<![\w.+@-])(?:@{local}(?![\w.+-])|{local}@)")
    names = "|".join(re.escape(name) for name in {each.name for each in same})
    return re.compile(rf"@\[(?:{names})|(?:{names})\]\(|{re.escape(first.account or first.name)}")


def _between(texts: Iterable[str], accounts: Collection[str]) -> str:
    """The texts with blanks in place of mentions. Handles stay, unless they are among these accounts."""
    pieces = []
    for text in texts:
        at = 0
        for each in mentions(text):
            if each.name or each.account in accounts:
                pieces += [text[at : each.start], " " * (each.end - each.start)]
                at = each.end
        pieces += [text[at:], "\n"]
    return "".join(pieces)


def _quoted(text: str, at: int) -> str:
    """The rest of the line from the word at this place on, shortened."""
    start = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
    line = text[start:].partition("\n")[0].rstrip()
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _all(texts: Iterable[str]) -> Iterator[Mention]:
    return (each for text in texts for each in mentions(text))


def _mention(found: re.Match[str]) -> Mention:
    account = found["handle"] or found["account"] or found["more"] or ""
    return Mention(*found.span(), _ESCAPED.sub(r"\1", found["name"] or ""), account)


def _words(name: str) -> frozenset[str]:
    """The words of a name, without case."""
    return frozenset(name.removeprefix("@").casefold().split())
