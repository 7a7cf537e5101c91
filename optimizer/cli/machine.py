"""The machine form: strict JSON on stdout, whatever the data hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import click


def show_json(value: object) -> None:
    """Print a value as JSON. Characters beyond ASCII are escaped: no terminal and no encoding can be disturbed."""
    click.echo(json.dumps(strict(value), allow_nan=False, indent=2))


def strict(value: Any) -> Any:
    """The value as JSON can hold it: blanks and numbers that are not finite become null, tables lists of records."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return strict(value.to_dict("records"))
    if isinstance(value, (list, tuple, set, frozenset)):
        return [strict(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        return strict(value.item())
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    return str(value)
