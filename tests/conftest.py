"""What holds for every test: Hypothesis tries the same examples each time, and takes the time that it takes.

``pytest --hypothesis-profile=explore`` looks for new ones.
"""

from __future__ import annotations

import gc

from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")

# The suite makes and drops hundreds of programs: looking for garbage each 700 objects would take a fifth of its time.
gc.set_threshold(100_000, 50, 100)
