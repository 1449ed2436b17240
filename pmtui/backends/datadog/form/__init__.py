"""Values of the form's fields, from what was read. Pure."""
