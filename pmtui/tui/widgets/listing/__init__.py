"""The widgets of the list of incidents."""
