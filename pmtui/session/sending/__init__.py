"""The writes of a save, one after the other."""
