"""Sentences that survive: how often a claim about the best plan holds over draws inside the stated ranges."""
