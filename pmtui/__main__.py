"""``python -m pmtui``."""

from __future__ import annotations

import sys

# Python puts the working directory first on the path: modules of whoever owns that are not ours to import. The package
# itself is found already, wherever it is.
if not sys.flags.safe_path:
    del sys.path[0]

from pmtui.cli.main import main

sys.exit(main())
