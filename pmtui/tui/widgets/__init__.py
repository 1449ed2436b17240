"""The parts from which screens are put together."""
