"""One postmortem as one Markdown file: front matter for the fields, and the text. Pure.

``postmortem_file`` is the entry point: ``write``, ``read``, ``update`` and ``target``. ``front_matter`` and ``body`` are the two
halves of a file, ``values`` formats the values of fields, ``file_name`` names the file. No I/O and no vendor enters.
"""
