"""Opsgenie in the sandbox: postmortems, incidents, timelines and the directory.

The wire facts come from the vendor's documentation (docs.opsgenie.com, recorded 2026-02), two third-party clients
and recorded errors. Where those are silent, the likeliest behaviour is the default and a switch gives the others:

==================================  ==========  ====================================================================
switch                              default     meaning
==================================  ==========  ====================================================================
``opsgenie.routes``                 primary     which route updates a postmortem: ``primary`` (PUT, kebab-case), ``patch``,
                                                ``post`` or ``camel`` (PUT, camelCase); every other one is 404 or 405
``opsgenie.missing_updates``        (none)      updates that are found at none of their addresses: names by commas (``title,owner``), or
                                                ``all``: each of those whose value the full update (the whole postmortem) sets too
``opsgenie.missing_status``         404         the answer at those addresses: 404 or 405
``opsgenie.published``              422         status of an update to a published postmortem: 422, 400, 403 or 409
``opsgenie.create``                 wrapped     ``{"data": {"postmortemId"}}``, or ``unwrapped``: ``{"postmortemId"}``
``opsgenie.create_status``          201         status of that answer: 200, 201 or 202
``opsgenie.visible_ms``             0           how long a new postmortem answers 404 after its create
``opsgenie.empty_updates``          content     which updates answer with an empty body: ``content``, ``all`` or ``none``
``opsgenie.update_status``          200         status of a done update: 200 or 202
``opsgenie.items``                  objects     items of lists on read: ``objects`` with a ``metadataId``, or ``bare`` values
``opsgenie.lists``                  replace     what a written list does to the old one: ``replace`` or ``append``
``opsgenie.local_ids``              0           1: a written document comes back with a ``localId`` on every block
``opsgenie.rights``                 all four    ``read,write,delete,config``: what a key may do
``opsgenie.keys``                   any         known keys, ``KEY[:right+right[:team]]`` by commas; by default any UUID is one
``opsgenie.team``                   (none)      name of the team that a key belongs to: it sees that team's things only
``opsgenie.plan``                   Enterprise  ``Essentials``, ``Standard`` or ``Enterprise``
``opsgenie.postmortems_per_month``  (by plan)   how many may be created in a month; by default 5 on Essentials, else no limit
``opsgenie.async_ms``               200         how long an accepted incident write waits until it is applied
``opsgenie.query``                  optional    whether a list of incidents needs a ``query``: ``optional`` or ``required``
``opsgenie.paging``                 own         host of paging links: the sandbox's ``own`` or the ``vendor``'s
``opsgenie.rate``                   0           requests per second and key before 429; 0 is no limit
``opsgenie.retry_after``            0           1: a 429 carries ``Retry-After``
``opsgenie.ended``                  0           the service after 2027-04-05: 1 is 410 with an HTML page, 200 and 503 are
                                                those with the page; 401, 403, 404 and 410 come in JSON
==================================  ==========  ====================================================================

Times are in milliseconds. What any HTTP service can do wrong is a fault of the sandbox, not a switch: the slow create
that the documentation shows is ``POST /v2/postmortem delay 3.5``.
"""

from __future__ import annotations

from pmtui.sandbox.opsgenie.service import OpsgenieService

__all__ = ["OpsgenieService"]
