"""Why: which rules would have to bend, and what each of them costs."""
