"""Sequences of dialogs about the document: finding, mentions, the timeline, the external editor, exporting to a file."""
