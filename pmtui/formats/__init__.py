"""Text formats, pure: ADF and Markdown, a document as cells. No I/O and no vendor enters."""
