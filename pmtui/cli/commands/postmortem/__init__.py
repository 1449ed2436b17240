"""Commands on one incident and its postmortem, and their list."""
