"""The input tables, column by column: the only source for reading, checks, templates, the schema page and drop-downs."""

from __future__ import annotations

from typing import Final

from optimizer.instance.attribute import Table
from optimizer.instance.rule_attributes import RULES_AND_SCENARIOS
from optimizer.instance.supply_attributes import SUPPLY_AND_NEED

TABLES: Final[dict[str, Table]] = {table.name: table for table in (*SUPPLY_AND_NEED, *RULES_AND_SCENARIOS)}
"""All input tables by name, in the order in which the manual explains them."""
