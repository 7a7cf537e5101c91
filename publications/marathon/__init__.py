"""Held against MARATHON: the published test set of the US Army's open rotation simulator, planned by forcegen from the same starts."""
