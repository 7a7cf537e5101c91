"""The exact trade-off between two or three aims: plans of which none is better in one aim without being worse in another.

`boxes` (where points may still be), `points` (which of the plans found make the frontier, and what is proven of each), `search` (which question is
asked next), `ask` (the function of the library).
"""
