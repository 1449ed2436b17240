"""One postmortem as one Markdown file: front matter for the fields, the text as it is. Pure.

``postmortem_file`` is the way in: ``write``, ``read``, ``update`` and ``target``. ``front_matter`` and ``body`` are its two
halves, ``values`` spells the values of fields, ``file_name`` names the file. No I/O enters, and no vendor.
"""
