"""The here-and-now plan over scenarios."""
