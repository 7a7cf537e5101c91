"""The rows and columns of every rule family."""
