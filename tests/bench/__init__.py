"""Measurements to run by hand, such as ``python -m tests.bench.start``. Nothing here is a test."""
