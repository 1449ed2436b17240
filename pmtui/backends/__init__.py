"""One package a vendor, and the one HTTP client they share."""
