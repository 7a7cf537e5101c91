"""The publication `reports/paris/`: what the coalition of Paris can carry, answered with intervals from one ledger of cases.

A *case* is an instance with what was changed for it, in one scenario. Every answer asks for cases; each case is searched and bounded once,
all plans are tried in all cases, and every figure of the text is a cell of a table made of that ledger. So one case has one value.
"""
