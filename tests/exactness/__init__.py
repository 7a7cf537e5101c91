"""The tool against every plan of many small instances, and against itself under changes that must not matter."""
