"""What is done in the document over several dialogs: finding, mentions, the timeline, the external editor, writing it to a file."""
