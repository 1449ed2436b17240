"""One package per vendor, and the HTTP client that they share."""
