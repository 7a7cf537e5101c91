"""axe-core on a page: what keeps people who cannot see, or not well, from using it."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe


def serious(page: Any) -> list[tuple[str, str]]:
    """The serious and critical findings: rule, and the mark that it is about first."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
