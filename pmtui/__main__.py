"""``python -m pmtui``."""

from __future__ import annotations

import sys

# Python puts the working directory first on the path, but it may be somebody else's: never import from it. The package
# itself is already imported.
if not sys.flags.safe_path:
    del sys.path[0]

from pmtui.cli.main import main

code = main()
# An interrupt that went through code made of text, as the methods of dataclasses are while a module is loaded, has Python end
# a module by SIGINT, though it was caught, until other such code has run.
exec("")
sys.exit(code)
