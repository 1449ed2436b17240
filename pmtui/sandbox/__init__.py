"""Both vendors in one process on loopback: the demo, and what the tests talk to. Begin at `server.Sandbox`."""
