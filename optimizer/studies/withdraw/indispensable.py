"""Nations that nobody can stand in for, and capabilities that hang on one of them: what follows for certain from the tables, without a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.admissible import Admissible
from optimizer.plan.case import Case, Post, is_below, place_of, read_case
from optimizer.plan.services import Floats, Truths

COLUMNS: Final = ("nation", "what", "key", "reason")
CAPABILITIES: Final = ("capability", "suppliers", "largest", "largest_share", "only_supplier")


class Reach:
    """What each nation can bring to each line in each period at most, of one scenario of an instance."""

    def __init__(self, instance: Instance, scenario: str | None) -> None:
        self.case: Case = read_case(instance, scenario)
        case = self.case
        self.nations, self.lines, self.posts = list(case.nations), list(case.lines.values()), list(case.posts)
        admissible = Admissible.of(case)
        services = admissible.services
        self.most: Floats = np.zeros((len(self.nations), len(self.lines), case.periods))
        usable = np.array([case.pledges[name].usable for name, _ in services.pairs], dtype=float)
        amounts = (services.amount * usable)[:, None] * admissible.present
        np.add.at(self.most, (services.nation, services.line), amounts)
        self.able: Truths = np.asarray(self.most > 0)
        self.active: Truths = np.zeros((len(self.lines), case.periods), dtype=bool)
        for r, line in enumerate(self.lines):
            self.active[r, line.first - 1 : line.last] = True

    def aid(self, r: int, without: str | None) -> Floats:
        """What instruments can deliver to a line in each period, without those that a nation sponsors."""
        found = np.zeros(self.case.periods)
        for instrument in self.case.instruments.values():
            if without not in instrument.sponsors:
                amount = instrument.yields.get(self.lines[r].name, 0.0)
                found += [amount * (t + 1 in instrument.true_in) for t in range(self.case.periods)]
        return found

    def reached(self, r: int, without: str | None) -> Floats:
        """What can be delivered to a line in each period at most."""
        stays = [n for n, nation in enumerate(self.nations) if nation != without]
        return np.asarray(self.most[stays, r].sum(axis=0) + self.aid(r, without))

    def why_not(self, post: Post, without: str | None) -> str:
        """Why a post can be mounted in no period without a nation (None: with all of them); blank where nothing speaks against it."""
        mine = [r for r, line in enumerate(self.lines) if line.post == post]
        rules = self.case.posts[post]
        open_ = self.active[mine].any(axis=0)
        reason = ""
        for r in mine:
            line = self.lines[r]
            short = np.array([is_below(amount, line.threshold) for amount in self.reached(r, without)]) & self.active[r]
            if (open_ & short).any() and not (open_ & ~short).any():
                most = float(self.reached(r, without)[self.active[r]].max())
                return (
                    f"the others can bring {most:g} of {line.capability} at most, and the post needs {line.threshold:g}"
                )
            open_ = open_ & ~short
        able = [n for n, nation in enumerate(self.nations) if nation != without and self.able[n, mine].any()]
        if rules["lead"] == "required" and not any(self.case.pair_rule(self.nations[n], post).may_lead for n in able):
            return "nobody else who can be there is willing to lead"
        least = int(rules["min_nations"] or 0)
        if len(able) < least:
            return f"{len(able)} other nations can be there, and the post needs {least}"
        if not open_.any():
            return "the others reach its thresholds in no period"
        return reason


def indispensable(
    instance: Instance, scenario: str | None, nations: Iterable[str], impossible: Iterable[str]
) -> pd.DataFrame:
    """Without whom a line, a post or a mission cannot be held in any period, or no plan keeps the rules. `impossible`: nations of whom that is proven.

    What is not listed may still be lost by a withdrawal, where nations that could stand in are needed elsewhere.
    """
    reach = Reach(instance, scenario)
    rows: list[tuple[str, str, str, str]] = []
    held = {post for post in reach.posts if not reach.why_not(post, None)}
    hopeless = set(impossible)
    for nation in nations:
        if nation in hopeless:
            rows.append((nation, "plan", "", "no plan keeps the rules without it"))
        lost = {post: why for post in reach.posts if post in held and (why := reach.why_not(post, nation))}
        musts = [place_of(post) for post in lost if reach.case.posts[post]["must"]]
        if musts and nation not in hopeless:
            rows.append((nation, "plan", "", f"{' and '.join(musts)} must be mounted, and cannot be without it"))
        rows += _missions(reach, nation, held, lost)
        rows += [(nation, "post", place_of(post), why) for post, why in lost.items()]
        for r, line in enumerate(reach.lines):
            mine = reach.active[r]
            if (reach.reached(r, None)[mine] > 0).any() and not (reach.reached(r, nation)[mine] > 0).any():
                rows.append((nation, "line", line.name, f"nobody else can bring {line.capability} there"))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _missions(reach: Reach, nation: str, held: set[Post], lost: dict[Post, str]) -> Iterator[tuple[str, str, str, str]]:
    for mission in dict.fromkeys(post[0] for post in reach.posts):
        mine = {post for post in held if post[0] == mission}
        if mine and mine <= lost.keys():
            yield nation, "mission", mission, "none of its posts can be mounted without it"


def capabilities(instance: Instance, scenario: str | None) -> pd.DataFrame:
    """Per capability who can supply it, the nation that can bring most (with its share of what all can), and who is the only one."""
    reach = Reach(instance, scenario)
    rows = []
    for capability in dict.fromkeys(line.capability for line in reach.lines):
        mine = [r for r, line in enumerate(reach.lines) if line.capability == capability]
        # A unit that may serve on several lines serves on one at a time: the line where a nation can bring most stands for it.
        most = reach.most[:, mine].max(axis=(1, 2))
        suppliers: Sequence[int] = np.flatnonzero(most > 0).tolist()
        largest = int(np.argmax(most)) if suppliers else None
        rows.append(
            (
                capability,
                len(suppliers),
                "" if largest is None else reach.nations[largest],
                None if largest is None else float(most[largest] / most.sum()),
                reach.nations[suppliers[0]] if len(suppliers) == 1 else "",
            )
        )
    frame = pd.DataFrame(rows, columns=list(CAPABILITIES))
    frame["largest_share"] = frame["largest_share"].astype("float64")
    return frame
