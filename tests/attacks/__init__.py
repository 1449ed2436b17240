"""Attacks from outside: texts, answers, addresses, files, environments. Each is tried; none may freeze, end or command the program."""
