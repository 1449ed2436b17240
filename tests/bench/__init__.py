"""Measurements, run by hand: ``python -m tests.bench.start`` and so on. Nothing here is a test."""
