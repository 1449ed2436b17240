"""Commands on what is not on the server yet."""
