"""Opsgenie: postmortems with fields and two ADF documents of their own, found from incidents.

Wire facts come from the vendor's documentation (recorded 2026-02), two third-party clients and recorded answers. What no
source says, mainly the update routes, is tried in a fixed order and remembered (see ``account.routes``).
"""
