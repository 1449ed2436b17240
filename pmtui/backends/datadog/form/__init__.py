"""The values of the form's fields. Pure."""
