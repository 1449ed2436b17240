"""Opens, edits and saves one postmortem: the only room that uses both backends and store. No vendor, screen or argument parsing enters."""
