"""Between the program and the terminal: set-up, output, signals, crashes."""
