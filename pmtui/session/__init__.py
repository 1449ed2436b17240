"""The way of one edit: opened, journalled, merged, sent, read back. Knows no vendor and no screen."""
