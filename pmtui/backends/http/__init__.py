"""The one HTTP client of all backends: exchange, waiting, retries, and words for what fails. No vendor enters."""
