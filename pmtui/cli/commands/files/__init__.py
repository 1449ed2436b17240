"""Commands between a server and Markdown files."""
