"""The notebook with a postmortem's text: its cells, and its validation errors. Pure."""
