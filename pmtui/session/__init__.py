"""Opens, edits and saves one postmortem: the only place that puts backend and store in order. No vendor, no screen, no argument parsing."""
