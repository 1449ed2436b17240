"""What pmtui tells of itself, made from its own parsers and values: the man page, the keys of its JSON, completion."""
