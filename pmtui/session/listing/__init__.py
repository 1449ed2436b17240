"""The rows of the list: newer readings, filtering, order, and a glance at a postmortem. Mostly pure."""
