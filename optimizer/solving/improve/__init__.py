"""Improving plans by fix-and-optimise, and what guides it: relaxations, their prices, and bounds that they prove.

`improver.Improver` improves a plan; `first.first_plan` finds one; `mounting` proves a bound by a relaxation that decides what is mounted.
"""
