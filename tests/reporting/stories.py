"""Twenty small instances, each with a story that its plan must tell."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.instance import Instance

POSTS = (("guard", "north"), ("guard", "south"), ("train", "capital"))
NAMES = {
    "guard": "Guard duty",
    "train": "Training",
    "north": "North Bank",
    "south": "South Bank",
    "capital": "Old Capital",
}


@dataclass(frozen=True)
class Story:
    """`supply`: per post the units there may be in each of four periods; `need`: the units that each post asks for."""

    name: str
    supply: tuple[tuple[int, int, int, int], ...]
    need: tuple[int, int, int] = (2, 2, 2)
    threshold: int = 1
    ceasefire: bool = False

    @property
    def idle(self) -> dict[str, list[int]]:
        """Posts that cannot be mounted, with their periods."""
        found = {}
        for post, units in zip(POSTS, self.supply, strict=True):
            periods = [period for period, count in enumerate(units, 1) if count < self.threshold]
            if periods:
                found[name_of(post)] = periods
        return found

    @property
    def open(self) -> list[str]:
        """Lines that cannot be full."""
        pairs = zip(POSTS, self.supply, self.need, strict=True)
        return [f"{mission}-{area}" for (mission, area), units, need in pairs if min(units) < need]

    @property
    def coverage(self) -> float:
        """What the plan reaches: the missions count the same, lines within a mission too."""
        shares = [
            sum(min(1.0, count / need) if count >= self.threshold else 0.0 for count in units) / 4
            for units, need in zip(self.supply, self.need, strict=True)
        ]
        return 100 * ((shares[0] + shares[1]) / 2 + shares[2]) / 2


def name_of(post: tuple[str, str]) -> str:
    """A post as a planner reads it."""
    return f"{NAMES[post[0]]} in {NAMES[post[1]]}"


FULL, NONE, HALF = (2, 2, 2, 2), (0, 0, 0, 0), (1, 1, 1, 1)
STORIES = (
    Story("all is well", (FULL, FULL, FULL)),
    Story("nothing at all", (NONE, NONE, NONE)),
    Story("north never", (NONE, FULL, FULL)),
    Story("south never", (FULL, NONE, FULL)),
    Story("no training", (FULL, FULL, NONE)),
    Story("north half", (HALF, FULL, FULL)),
    Story("south half", (FULL, HALF, FULL)),
    Story("training half", (FULL, FULL, HALF)),
    Story("all half", (HALF, HALF, HALF)),
    Story("north leaves in 3", ((2, 2, 0, 0), FULL, FULL)),
    Story("south comes in 2", (FULL, (0, 2, 2, 2), FULL)),
    Story("training with a hole", (FULL, FULL, (2, 0, 2, 2))),
    Story("north fades", ((2, 2, 1, 1), FULL, FULL)),
    Story("two leave", ((2, 2, 2, 0), (2, 2, 0, 0), FULL)),
    Story("only training", (NONE, NONE, FULL)),
    Story("only guard", (FULL, FULL, NONE)),
    Story("high threshold", (HALF, FULL, FULL), threshold=2),
    Story("high threshold everywhere", (HALF, HALF, FULL), threshold=2),
    Story("asks for much", (FULL, FULL, FULL), need=(4, 4, 4)),
    Story("on a ceasefire", (FULL, HALF, FULL), ceasefire=True),
)


def instance_of(story: Story) -> Instance:
    """The instance: one nation per post, whose pledges can serve there alone."""
    pledges, requirements, caveats = [], [], []
    for (mission, area), units, need in zip(POSTS, story.supply, story.need, strict=True):
        requirements.append(
            {
                "requirement": f"{mission}-{area}",
                "mission": mission,
                "area": area,
                "capability": "presence",
                "target": 100 * need,
                "threshold": 100 * story.threshold,
            }
        )
        caveats += [
            {"caveat": f"{area} only: {other}", "nation": area, "rule": "forbid", "area": other}
            for _, other in POSTS
            if other != area
        ]
        pledges += [
            {
                "pledge": f"{area}-{period}",
                "nation": area,
                "unit_type": "company",
                "quantity": count,
                "from": period,
                "until": period,
            }
            for period, count in enumerate(units, 1)
            if count
        ]
    if story.ceasefire:
        pledges = [pledge | {"condition": "ceasefire"} for pledge in pledges]
    if not pledges:
        pledges = [{"pledge": "nobody", "nation": "north", "unit_type": "clerk", "quantity": 1}]
    tables = {
        "nations": [{"nation": area, "name": f"Land of {NAMES[area]}"} for _, area in POSTS],
        "unit_types": [{"unit_type": "company", "personnel": 100}, {"unit_type": "clerk", "personnel": 1}],
        "capabilities": [{"capability": "presence", "name": "Presence"}],
        "yields": [{"unit_type": "company", "capability": "presence", "amount": 100}],
        "pledges": pledges,
        "missions": [{"mission": name, "name": NAMES[name], "weight": 1} for name in ("guard", "train")],
        "areas": [{"area": area, "name": NAMES[area]} for _, area in POSTS],
        "requirements": requirements,
        "caveats": caveats,
        "conditions": [{"condition": "ceasefire", "name": "The ceasefire", "default": True}],
    }
    return Instance.from_tables(tables, {"name": "story", "title": story.name, "periods": {"count": 4, "months": 6}})
