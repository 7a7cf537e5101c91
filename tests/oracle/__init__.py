"""A brute-force reading of the rules for tiny instances; knows nothing of the `optimizer` package."""
