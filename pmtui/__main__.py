"""``python -m pmtui``."""

from __future__ import annotations

import sys

from pmtui.cli.main import main

sys.exit(main())
