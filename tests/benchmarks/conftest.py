"""A workshop for tiny measurements, shared by all tests of a process."""

from __future__ import annotations

import pytest

from benchmarks.campaign import Workshop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Rows and models in a folder of their own."""
    folder = tmp_path_factory.mktemp("measured")
    return Workshop(folder / "results.csv", folder / "kept")
