"""ADF nodes to Markdown."""
