"""The text editor of a cell."""
