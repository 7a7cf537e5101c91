"""Signals at random moments of `solve`, `sweep` and `report`."""

import pytest

from tests.campaigns.signals import campaign


def test_signals_lose_nothing(tmp_path):
    """A handful: what was found is on the disk, and no process and no temporary folder is left."""
    assert campaign(8, 0, tmp_path).total() == 8


@pytest.mark.slow
def test_many_signals_lose_nothing(tmp_path):
    """The same, two hundred times."""
    assert campaign(200, 1000, tmp_path).total() == 200
