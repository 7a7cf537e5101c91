"""What holds through the horizon."""

from __future__ import annotations

from optimizer.reporting.answer.told import Sentence, Told
from optimizer.reporting.text import figure, joined
from optimizer.reporting.words import AIMS, aim_figure, aim_title

MOST_POSTS = 4


def say(told: Told) -> Sentence | None:
    """How many posts are mounted in every period in which something is asked of them, and what the first aim reaches."""
    posts = told.active
    if not posts:
        return None
    held = [post for post, periods in posts.items() if told.mounted[post] == periods]
    aim, value = told.aim(), told.value("value")
    facts = {"held": [told.post_name(post) for post in held], "posts": len(posts)}
    if len(held) == len(posts):
        text = f"All {len(posts)} posts are mounted in every period in which they are asked for."
    elif held:
        names = joined([told.post_name(post) for post in held], MOST_POSTS)
        text = f"{len(held)} of {len(posts)} posts are mounted in every period in which they are asked for: {names}."
    else:
        text = f"None of the {len(posts)} posts is mounted in every period in which it is asked for."
    if aim is not None and value is not None:
        name = str(aim["name"])
        unit = told.reader.money if name == "cost" else AIMS.get(name, ("", "", ""))[1]
        shown = f"{figure(aim_figure(name, value))} {unit}".strip()
        facts |= {"aim": name, "value": value}
        text += f" The {aim_title(name)} is {shown}."
    return Sentence("holds", "What holds", text, facts)
