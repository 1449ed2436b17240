"""What leads over several dialogs: opening, saving, leaving, deleting, the external editor."""
