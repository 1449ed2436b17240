"""How many examples Hypothesis makes up for a test: the profile's share of what the test asks for."""

from __future__ import annotations

from hypothesis import settings

WHOLE = 50
"""Examples of a test that names no number, with --sweep: what the other numbers are measured by."""


def examples(wanted: int) -> int:
    """All of them with --sweep, four times as many with ``--hypothesis-profile=explore``, else some."""
    return max(1, wanted * settings.default.max_examples // WHOLE)
