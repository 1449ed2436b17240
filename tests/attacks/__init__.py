"""Attacks from outside: texts, answers, addresses, files, environments. None may freeze, end or control the program."""
