"""Reports on a plan: a page, a workbook, markdown. Knows plans, no model and no solver.

Charts and workbooks are heavy; each writer imports what it needs when it is called.
"""

from optimizer.reporting.markdown import write_markdown
from optimizer.reporting.page import write_html
from optimizer.reporting.workbook import write_workbook

__all__ = ["write_html", "write_markdown", "write_workbook"]
