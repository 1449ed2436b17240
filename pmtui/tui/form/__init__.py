"""The form: rows drawn from the fields that a backend names."""
