"""How Markdown looks, in the editor and rendered."""
