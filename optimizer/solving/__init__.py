"""Solving: from rows and columns to a `Solution`. The only room that knows HiGHS; nothing heavy is imported here.

`child.solve_in_child` is the usual door (a native crash is an event there), `child.solve_here` solves in this process.
"""
