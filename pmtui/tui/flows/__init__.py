"""Sequences of dialogs: opening, saving, leaving, deleting, the external editor."""
