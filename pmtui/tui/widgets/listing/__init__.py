"""The parts of the list of incidents."""
