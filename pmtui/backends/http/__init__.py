"""The HTTP client of all backends: exchange, waiting, retries, and error messages. No vendor enters."""
