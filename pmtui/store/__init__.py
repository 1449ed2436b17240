"""Drafts, the index, the cache and the audit log: the only place that writes to the user's disk."""
