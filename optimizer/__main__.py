"""`python -m optimizer`: the same as the command `forcegen`."""

import sys

# `python -m` puts the current folder first among the places of modules: it holds the user's files, of any name.
if not sys.flags.safe_path:
    del sys.path[0]

from optimizer.cli import main

if __name__ == "__main__":
    sys.exit(main())
