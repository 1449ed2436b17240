"""The command line: one module a command. What it can do, the screens can do, and the other way round."""
