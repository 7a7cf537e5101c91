"""Rows and columns of one family as text that a human reads and a version control compares."""

from __future__ import annotations

from optimizer.model.linear import INFINITY, LinearModel

WIDTH = 100


def lp_text(model: LinearModel, family: str) -> str:
    """The columns and rows of a family: names, bounds, terms; empty where the model has none."""
    names, titles = model.column_names(), model.row_names()
    lines: list[str] = []
    columns = [n for f in model.columns if f.name == family for n in range(f.start, f.start + len(f.keys))]
    if columns:
        lines.append("columns")
    for number in columns:
        kind = "whole" if model.integer[number] else "real"
        lines.append(f"  {_side(model.lower[number])} <= {names[number]} <= {_side(model.upper[number])}  {kind}")
    rows = [n for f in model.rows if f.name == family for n in range(f.start, f.start + len(f.keys))]
    if rows:
        lines.append("rows")
    for number in rows:
        lines.append(f"  {titles[number]}:")
        span = slice(int(model.row_starts[number]), int(model.row_starts[number + 1]))
        terms = [
            f"{'-' if value < 0 else '+'} {abs(value):.12g} {names[column]}"
            for column, value in zip(model.row_columns[span], model.row_values[span], strict=True)
        ]
        lines += _wrapped(terms or ["0"])
        lines[-1] += _sides(float(model.row_lower[number]), float(model.row_upper[number]))
    return "\n".join(lines) + "\n" if lines else ""


def _wrapped(terms: list[str]) -> list[str]:
    lines = ["   "]
    for term in terms:
        if len(lines[-1]) + len(term) > WIDTH and lines[-1].strip():
            lines.append("   ")
        lines[-1] += f" {term}"
    return lines


def _sides(lower: float, upper: float) -> str:
    if lower == upper:
        return f" = {_side(lower)}"
    return (f" >= {_side(lower)}" if lower > -INFINITY else "") + (f" <= {_side(upper)}" if upper < INFINITY else "")


def _side(value: float) -> str:
    return f"{value + 0.0:.12g}"
