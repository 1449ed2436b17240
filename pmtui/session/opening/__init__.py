"""How a postmortem comes in: from the server, or from what this computer knows while the server is asked."""
