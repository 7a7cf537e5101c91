"""Plans nearly as good as the best that differ most in who serves where, and what all of them share.

`search` (which question is asked next, and what follows from the answers), `ask` (the function of the library).
"""
