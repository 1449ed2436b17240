"""The routes on postmortems, and the documents in them."""
