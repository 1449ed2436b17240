"""How Markdown looks, edited and rendered."""
