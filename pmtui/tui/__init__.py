"""The screens. They know no vendor, no HTTP and no file format; they ask a session."""
