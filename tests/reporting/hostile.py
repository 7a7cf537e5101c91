"""An instance in which every name would like to be a formula, a tag, markup or a command to the terminal."""

from __future__ import annotations

from optimizer.instance.instance import Instance

NASTY = (
    '=HYPERLINK("http://example.org/x","click")',
    "<script>alert(1)</script>",
    "[bold red]loud[/bold red]",
    "\x1b[31mred\x1b[0m\x07",
    "\u202etxet\u202c desrever",
    "@SUM(A1:A9)",
    "{{ 7 * 7 }} ${x} %s",
    "'\"><img src=x onerror=alert(1)>",
    "| pipe | **strong** `code`",
    "-2+3",
    "]]> &amp; </style></svg>",
    "a\u200bb\ufeffc",
)


def hostile_instance(periods: int = 2) -> Instance:
    """A small instance with a plan, all of whose names and texts are nasty."""
    nations = NASTY[:4]
    tables = {
        "nations": [
            {"nation": name, "name": f"{name} land", "max_personnel": 700, "fair_share": 1} for name in nations
        ],
        "unit_types": [{"unit_type": NASTY[4], "name": NASTY[5], "personnel": 600, "cost": 20}],
        "capabilities": [{"capability": NASTY[6], "name": NASTY[7], "measure": NASTY[8]}],
        "yields": [{"unit_type": NASTY[4], "capability": NASTY[6], "amount": 5}],
        "pledges": [
            {
                "pledge": f"{name}!",
                "nation": name,
                "unit_type": NASTY[4],
                "quantity": 1,
                "source": NASTY[1],
                "note": NASTY[0],
            }
            for name in nations
        ],
        "missions": [{"mission": NASTY[9], "name": NASTY[10]}],
        "areas": [{"area": NASTY[11], "name": NASTY[3], "host": NASTY[0]}],
        "requirements": [
            {"requirement": NASTY[2], "mission": NASTY[9], "area": NASTY[11], "capability": NASTY[6], "target": 100}
        ],
        "groups": [{"group": NASTY[6], "nation": name} for name in nations],
        "links": [
            {"link": NASTY[2], "kind": "needs", "nation": nations[1], "other": nations[0], "mission": NASTY[9]},
            {"link": NASTY[7], "kind": "at_least", "nation": nations[2], "other": NASTY[6], "count": 3},
        ],
        "conditions": [{"condition": NASTY[2], "name": NASTY[0], "description": NASTY[1]}],
        "scenarios": [{"scenario": NASTY[2], "probability": 1, "description": NASTY[3]}],
    }
    header = {
        "name": NASTY[1],
        "title": NASTY[7],
        "description": NASTY[3],
        "periods": {"count": periods},
        "currency": NASTY[2],
    }
    return Instance.from_tables(tables, header)
