"""Repairs a tree of nodes until the schema allows it."""
