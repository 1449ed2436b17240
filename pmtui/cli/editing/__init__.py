"""Texts from files, standard input and the user's editor, as edits of a session."""
