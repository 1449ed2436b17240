"""How conflicts were answered, kept on disk with the draft. Pure, but for ``decisions``, which journals."""
