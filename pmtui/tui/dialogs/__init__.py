"""Windows over a screen that ask or show one thing and then go away."""
