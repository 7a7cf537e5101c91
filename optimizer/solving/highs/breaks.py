"""By how much values break a model: its bounds, its whole numbers and its rows."""

from __future__ import annotations

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel

# Rows may be broken by this much, which is HiGHS's own tolerance. Values that are read back are repaired to EXACT where possible.
FEASIBLE = 1e-6
EXACT = 1e-9


def row_values(model: LinearModel, values: FloatArray) -> FloatArray:
    """Σ coefficients × values of every row."""
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    products = model.row_values * values[model.row_columns]
    activity: FloatArray = np.bincount(rows, weights=products, minlength=len(model.row_lower)).astype(np.float64)
    return activity


def worst_break(model: LinearModel, values: FloatArray) -> tuple[str, float]:
    """Where values break the model most, and by how much (rows relative to their side where it is above 1)."""
    breaks: list[tuple[str, float]] = [("nothing", 0.0)]
    if len(values):
        outside = np.maximum(np.maximum(model.lower - values, values - model.upper), 0.0)
        unwhole = np.where(model.integer, np.abs(values - np.rint(values)), 0.0)
        breaks += [(f"bounds of column {np.argmax(outside)}", float(outside.max()))]
        breaks += [(f"wholeness of column {np.argmax(unwhole)}", float(unwhole.max()))]
    if len(model.row_lower):
        outside = outside_by(row_values(model, values), model.row_lower, model.row_upper)
        breaks += [(f"row {np.argmax(outside)}", float(outside.max()))]
    return max(breaks, key=lambda item: item[1])


def outside_by(activity: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """By how much rows are broken, relative to their side where it is above 1."""
    outside: FloatArray = np.maximum(
        (lower - activity) / np.fmax(1.0, np.where(np.isfinite(lower), np.abs(lower), 1.0)),
        (activity - upper) / np.fmax(1.0, np.where(np.isfinite(upper), np.abs(upper), 1.0)),
    )
    return np.maximum(outside, 0.0)
