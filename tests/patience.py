"""How long a test waits for what must come.

Only a test that fails waits so long: on a busy machine everything comes late, and that is no failure.
"""

from __future__ import annotations

PATIENCE = 120.0  # seconds
