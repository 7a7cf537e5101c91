"""The rule families, one module each: formula, columns, rows, and the rules in a planner's words."""
