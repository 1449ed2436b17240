"""The routes on incidents, their details and their timeline."""
