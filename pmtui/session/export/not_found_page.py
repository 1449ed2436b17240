"""A page of links to the postmortems that could not be found, for the user to save them for ``--look-in``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from pmtui.session.export.manifest import NotFound

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Postmortems that were not found</title>
<style>body{{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}td,th{{text-align:left;padding:.3em .8em .3em 0}}</style>
<h1>Postmortems that were not found</h1>
<p>{vendor} says that these incidents have a postmortem, but its API does not say which one it is.</p>
<ol>
<li>Open a link, and on that page the postmortem.
<li>Save the page, or copy the postmortem's address into a text file; all into one folder.
<li>Export once more, with <code>--look-in</code> and that folder.
</ol>
<table>
<tr><th>Incident<th>Title<th>State
{rows}
</table>
</html>
"""


def not_found_page(vendor: str, records: Iterable[NotFound]) -> bytes:
    """The page as HTML. All foreign text is escaped, and only https addresses become links."""
    rows = "\n".join(_row(each) for each in sorted(records, key=lambda record: (record.reference, record.incident)))
    return _PAGE.format(vendor=escape(vendor), rows=rows).encode("utf-8", "replace")


def _row(record: NotFound) -> str:
    reference = escape(record.reference)
    linked = record.url.startswith("https://")
    named = f'<a href="{escape(record.url)}" rel="noreferrer">{reference}</a>' if linked else reference
    return f"<tr><td>{named}<td>{escape(record.title)}<td>{escape(record.state)}"
