"""Drafts, the index, the cache and the audit log: the only room that writes to the user's disk."""
