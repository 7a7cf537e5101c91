"""Random sweeps whose searches end with whatever they find first."""

import random

from optimizer.instance.instance import Instance
from optimizer.instance.scenario import row_key
from optimizer.studies.reading import read_study
from tests.oracle.random_instances import FAMILIES, tiny

COLUMNS = (
    ("nations", "max_personnel"),
    ("nations", "budget"),
    ("nations", "min_contingent"),
    ("areas", "max_personnel"),
    ("posts", "min_nations"),
    ("requirements", "threshold"),
    ("pledges", "quantity"),
    ("limits", "maximum"),
    ("limits", "minimum"),
    ("participation", "max_units"),
)


def random_sweep(seed, gap=1.0):
    """A random instance, and a study of it whose searches end with whatever they find first."""
    families = FAMILIES - {"aims2"}
    tables, header, _ = tiny(seed, families)
    instance = Instance.from_tables(tables, header)
    chance = random.Random(seed)
    cells = [
        (table, row, column)
        for table, column in COLUMNS
        for row in instance.rows(table)
        if row.get(column) is not None and row[column] > 0
    ]
    vary = [{"condition": row["condition"], "values": [True, False]} for row in instance.rows("conditions")][:1]
    for number, (table, row, column) in enumerate(chance.sample(cells, min(2, len(cells)))):
        key, value = row_key(table, row), row[column]
        whole = float(value).is_integer()
        values = sorted({value, max(0, value - 1) if whole else value / 2, value + 1 if whole else value * 1.5})
        vary.append({"name": f"cell {number}", "table": table, "key": key, "column": column, "values": values})
    given = {"design": {"kind": "grid"}, "limits": {"gap": gap}, "vary": vary}
    return instance, read_study(given, instance)
