"""Documentation generated from the program's parsers and values: the man page, the keys of the JSON, completion."""
