"""Checks of an instance: everything that is wrong or doubtful, found at once."""
