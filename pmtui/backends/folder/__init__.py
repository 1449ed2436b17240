"""A folder of Markdown files as a backend: an incident and its postmortem are one file. Its wire is the disk.

``disk`` is the only module that touches the folder, ``index`` knows what the files say. No HTTP and no credentials enter.
"""
