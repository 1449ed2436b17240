"""Markdown to ADF nodes."""
