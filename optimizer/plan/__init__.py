"""The answer: a plan's tables, saving and loading, and the check that reads the rules on its own.

Nothing here knows the model or the solver. `evaluate` recomputes every rule and every aim from the tables of the
instance and the rows of a plan alone; a plan that it rejects is not written.
"""
