"""Commands on drafts: edits that the server does not have yet."""
