"""The rows of the list: what is newer than the list, which fit a filter, in what order, and a glance at a postmortem. Mostly pure."""
