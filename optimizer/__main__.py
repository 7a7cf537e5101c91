"""`python -m optimizer`: the same as the command `forcegen`."""

import sys

from optimizer.cli import main

if __name__ == "__main__":
    sys.exit(main())
