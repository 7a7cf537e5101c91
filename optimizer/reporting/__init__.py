"""Reports on a plan: a page, a workbook, markdown. Knows plans, no model and no solver.

Charts and workbooks are heavy, and commands take words from here before they know whether they need a report: nothing is imported here.
"""
