"""Linked issues as people type them: a full address, or ``OPS-1412`` alone where the site is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9]+-[1-9]\d*", re.ASCII)
_BROWSE: Final = "/browse/"
_NO_SCHEME: Final = re.compile(r"[a-z0-9-]++(?:\.[a-z0-9-]++)++(?::\d++)?/\S++", re.ASCII | re.IGNORECASE)


def issue_key(address: str) -> str:
    """``OPS-1412`` of ``https://corp.atlassian.net/browse/OPS-1412``, "" of other addresses."""
    last = address.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    return last if _KEY.fullmatch(last) and last.isupper() else ""


def link_to(address: str) -> Link:
    """A link to this address, with the key of its issue as the title."""
    return Link(address.strip(), issue_key(address.strip()))


def in_full(text: str, known: Iterable[Link], site: str = "") -> str:
    """The full address of what was typed: ``ops-1412`` is on the site of its project's other issues.

    ``site`` is used when no link has a site. Text that is not a key, and a key that may be on several sites, are returned
    unchanged; an address without a scheme gets ``https``.
    """
    key = text.strip()
    if _NO_SCHEME.fullmatch(key):
        return f"https://{key}"
    if not _KEY.fullmatch(key):
        return text
    key = key.upper()
    owned = [(link.url, own) for link in known if (own := issue_key(link.url)) and link.url.endswith(_BROWSE + own)]
    there = [(url.removesuffix(own), own.partition("-")[0]) for url, own in owned]
    same_project = {base for base, project in there if project == key.partition("-")[0]}
    told = {site.rstrip("/").removesuffix(_BROWSE.rstrip("/")) + _BROWSE} if site else set()
    sites = list(same_project or {base for base, _ in there} or told)
    return sites[0] + key if len(sites) == 1 else text


def has_site(known: Iterable[Link], site: str) -> bool:
    """Whether a key alone is enough to find an issue, at least for some projects."""
    return bool(site) or any(_BROWSE in link.url and issue_key(link.url) for link in known)


def key_alone(text: str) -> str:
    """Why a key alone is not enough, "" when the text is not a key."""
    key = text.strip()
    return f"it is not known where {key.upper()} is: type its full address, https://…" if _KEY.fullmatch(key) else ""


def links_in(*postmortems: Postmortem) -> list[Link]:
    """All links in the fields of these postmortems."""
    values = (value for postmortem in postmortems for value in postmortem.fields.values() if isinstance(value, tuple))
    return [each for value in values for each in value if isinstance(each, Link)]
