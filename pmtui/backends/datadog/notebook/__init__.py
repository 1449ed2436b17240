"""The notebook that holds a postmortem's text: its cells, and why one is refused. Pure."""
