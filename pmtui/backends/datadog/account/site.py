"""Datadog's sites, and reading references and addresses (vendors' docs, recorded 2026-02 and 2026-10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

DEFAULT_SITE = "datadoghq.com"

SITES: Mapping[str, str] = {
    "datadoghq.com": "us1",
    "us3.datadoghq.com": "us3",
    "us5.datadoghq.com": "us5",
    "datadoghq.eu": "eu1",
    "ap1.datadoghq.com": "ap1",
    "ap2.datadoghq.com": "ap2",
    "uk1.datadoghq.com": "uk1",
    "ddog-gov.com": "us1-fed",
    "us2.ddog-gov.com": "us2-fed",
}
"""``DD_SITE`` → the region's name. Unknown sites work, too."""

_BY_NAME = {name: site for site, name in SITES.items()} | {"us": "datadoghq.com", "eu": "datadoghq.eu", "gov": "ddog-gov.com"}
_HOSTS_WITH_APP = frozenset({"datadoghq.com", "datadoghq.eu", "ddog-gov.com"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SLUG = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-(\d+)")
_NOTEBOOK = re.compile(r"https?://(?P<host>[A-Za-z0-9.-]{1,253})(?::\d{1,5})?/notebooks?/(?P<id>\d{1,18})(?=[^\w%=-])")
_SERVICENOW = re.compile(r"[A-Za-z]{2,}\d{4,}")  # INC0012345: the slug when an incident type takes its references from ServiceNow


def normalised(site: str) -> str:
    """Turn a value of ``DD_SITE`` into a site, without scheme, path, and leading ``app.`` or ``api.``.

    A region's name (``us5``, ``eu``) is accepted. Raises ValueError for an impossible host.
    """
    name = site.strip().lower()
    if not name:
        return DEFAULT_SITE
    if name in _BY_NAME:
        return _BY_NAME[name]
    host = name.partition("://")[2] or name
    host = re.sub(r":\d+$", "", host.partition("/")[0]).rstrip(".")
    for prefix in ("app.", "api."):
        host = host.removeprefix(prefix)
    if not _HOST.fullmatch(host) or "." not in host:
        raise ValueError(f"{site!r} is not a Datadog site; known: {', '.join(SITES)}")
    return host


@dataclass(frozen=True, slots=True)
class Site:
    """The hosts of an organisation's API and web app. ``name`` is for people: ``us1``, or the host.

    ``gateway`` is the host of a configured base URL, "" for the site's own API; addresses of documents may be on it.
    """

    site: str
    api: str
    app: str
    name: str
    gateway: str = ""

    def incident_url(self, public_id: str) -> str:
        return f"{self.app}/incidents/{public_id}"

    def notebook_url(self, notebook_id: str) -> str:
        return f"{self.app}/notebook/{notebook_id}"

    def knows(self, url: str) -> bool:
        """Whether this is an address of this site's web app, also on an organisation's own subdomain."""
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return False
        if not host or host == self.gateway:
            return True
        if host == self.site or not host.endswith("." + self.site):
            return host == self.site
        # us3.datadoghq.com ends with datadoghq.com, but is a different site.
        return not any(
            other != self.site and (host == other or host.endswith("." + other)) and len(other) > len(self.site) for other in SITES
        )


def site_of(site: str, base_url: str = "") -> Site:
    """The site of a profile. Raises ValueError for an impossible host."""
    name = normalised(site)
    app = f"https://app.{name}" if name in _HOSTS_WITH_APP else f"https://{name}"
    if not base_url:
        return Site(name, f"https://api.{name}", app, SITES.get(name, name))
    if "@" in base_url:
        raise ValueError("the base URL holds a user name or password: leave that out")
    parts = urlsplit(base_url)
    return Site(name, base_url.rstrip("/"), app, parts.netloc, (parts.hostname or "").lower())


@dataclass(frozen=True, slots=True)
class Ref:
    """A parsed reference. One field is set; Datadog's own slugs set the number, too."""

    uuid: str = ""
    slug: str = ""
    number: int = 0
    notebook: str = ""


def read_ref(ref: str) -> Ref | None:
    """``IR-123``, ``INC0012345``, ``#123``, ``123``, a UUID, or an incident's or notebook's address. None for anything else."""
    words = ref.strip()
    if _UUID.fullmatch(words):
        return Ref(uuid=words.lower())
    if "://" in words:
        return _of_address(words)
    bare = words.removeprefix("#")
    if bare.isascii() and bare.isdigit():
        return Ref(number=int(bare))
    if slug := _SLUG.fullmatch(bare):
        return Ref(slug=bare.upper() if bare.islower() else bare, number=int(slug[2]))
    if _SERVICENOW.fullmatch(bare):
        return Ref(slug=bare.upper() if bare.islower() else bare)
    return None


def _of_address(url: str) -> Ref | None:
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return None
    if notebook := notebook_of(url):
        return Ref(notebook=notebook)
    if found := re.search(r"/incidents?/([^/]+)", path):
        return read_ref(found[1]) if "://" not in found[1] else None
    return None


def notebooks_in(text: str, site: Site) -> tuple[str, ...]:
    """The ids of notebooks in addresses on this site in a text, each once."""
    return tuple(dict.fromkeys(found["id"] for found in _NOTEBOOK.finditer(text) if site.knows(f"https://{found['host']}/")))


def notebook_of(url: str) -> str:
    """The notebook id in a document's address, "" when there is none.

    Some recorded addresses do not have a number after ``/notebook/``: those notebooks cannot be read.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    found = re.search(r"/notebooks?/(\d+)(?:/|$)", path)
    return found[1] if found else ""
