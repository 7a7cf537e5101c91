"""The Pyomo door: the model as a `ConcreteModel` with names, to read, to add to, and to solve."""
