"""Measurements, run by hand: ``python -m bench.start`` and so on. Nothing here is a test."""
