"""Commands about pmtui itself, and the screens."""
