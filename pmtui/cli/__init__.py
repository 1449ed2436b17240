"""The command line: one module per command. Whatever it can do, the screens can do too, and the other way round."""
