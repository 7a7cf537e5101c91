"""What is lost when nations leave: before and after re-planning, each alone, in pairs, and the worst of all sets."""
