"""The here-and-now plan over scenarios: what is made ready before it is known which of them comes true."""
