"""Periods of several days, with a period's boundary where the surge begins."""

from __future__ import annotations

from dataclasses import dataclass

from publications.marathon.chances import END
from publications.marathon.facts import PRESURGE


@dataclass(frozen=True)
class Grid:
    """Periods of so many days; the first and the last may be shorter.

    What is planned in these periods can be done in days: units are there from the first whole period on, and tours are rounded down.
    """

    days: int

    @property
    def _before(self) -> int:
        """Days that the first period lacks."""
        return -PRESURGE % self.days

    @property
    def count(self) -> int:
        """Periods of both phases."""
        return -(-(END + self._before) // self.days)

    @property
    def surge(self) -> int:
        """The first period of the surge."""
        return (PRESURGE + self._before) // self.days + 1

    def first(self, day: int) -> int:
        """The first period that begins on `day` or later."""
        return 1 if day <= 1 else -(-(day - 1 + self._before) // self.days) + 1

    def last(self, day: int) -> int:
        """The last period that begins by `day`: the one in which it falls."""
        return (day - 1 + self._before) // self.days + 1

    def tour(self, days: int) -> int:
        """Whole periods of a tour."""
        return days // self.days

    def touched(self, days: int) -> int:
        """As many periods as a tour can touch."""
        return -(-(days - 1) // self.days) + 1

    def rest(self, tour: int, rest: int) -> int:
        """Periods from the end of a tour, as planned, to the next one."""
        return -(-(tour + rest) // self.days) - self.tour(tour)

    def day(self, period: int) -> int:
        """The first day of a period."""
        return max(1, (period - 1) * self.days + 1 - self._before)

    def length(self, period: int) -> int:
        """The days of a period."""
        return min(END + 1, period * self.days + 1 - self._before) - self.day(period)
