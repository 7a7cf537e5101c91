"""The question, sentence by sentence: where it is modelled, and which sentences of the publication answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from publications.paris.sentences import SURE, Sentence, Tables


@dataclass(frozen=True)
class Asked:
    """A sentence of the question. `where`: the tables that model it; `keys`: how the sentences that answer it begin; at most `most` are told."""

    says: str
    where: str
    keys: tuple[str, ...]
    most: int = 3


QUESTION: Final = (
    Asked(
        "Thirty nations, each with its own readiness to commit: who could serve where?",
        "nations, pledges, caveats",
        ("noregret/shared", "burden/five"),
    ),
    Asked(
        "Training and support of Ukraine's forces",
        "missions and requirements: training, regeneration",
        ("ground/only-regeneration",),
    ),
    Asked(
        "Monitoring of a ceasefire along the line",
        "missions and requirements: monitoring; posts",
        ("ground/only-monitoring",),
    ),
    Asked(
        "Protection of critical infrastructure",
        "missions and requirements: infrastructure",
        ("ground/only-infrastructure",),
    ),
    Asked(
        "Reinforcement of the eastern flank",
        "missions and requirements: flank; pledges tagged existing",
        ("ground/only-flank-0", "flank/"),
    ),
    Asked(
        "Security in the Black Sea and in the air",
        "missions and requirements: black-sea, skies; condition straits_open",
        ("ground/only-black-sea", "ground/only-skies", "shocks/straits_open"),
        4,
    ),
    Asked(
        "An optional reassurance force in Ukraine, of 10,000, 25,000 or 64,000",
        "limits: force ceiling in Ukraine; mission reassurance",
        ("ground/ground-", "claims/ten-adds", "claims/base-adds"),
        6,
    ),
    Asked(
        "A US backstop that may not come",
        "condition us_backstop; instrument of the United States",
        ("shocks/us_backstop",),
    ),
    Asked("A ceasefire that may fail", "condition ceasefire", ("shocks/ceasefire=", "claims/ceasefire-worth")),
    Asked(
        "Parliaments that may refuse, nations that may leave",
        "conditions of votes; withdrawal of all pledges of a nation",
        ("shocks/all votes refused", "shocks/without "),
    ),
    Asked(
        "Political restrictions: which cost most, what to concede?",
        "caveats, limits, links, areas",
        ("restrictions/",),
        4,
    ),
    Asked(
        "Escalation: how large a footprint is tolerable?",
        "limits: escalation ceiling; unit_types.escalation",
        ("ceilings/",),
        4,
    ),
    Asked("How do they get there, and can they be supplied?", "routes, areas, enablers", ("routes/",), 3),
    Asked(
        "From where on is a mission worth mounting; what does a clear mandate buy?",
        "requirements.threshold, posts, participation, conditions",
        ("thresholds/",),
        4,
    ),
    Asked(
        "A mutual-defence guarantee in place of forces",
        "instruments, instrument_yields; condition mutual_defence_guarantee",
        ("guarantee/equal-cost", "guarantee/break-even"),
    ),
    Asked("Who carries, who pays?", "deployment costs, funding, fair_share", ("burden/",), 3),
    Asked("For how long?", "periods, pledges.tour and dwell, continuity, steadiness", ("years/",), 3),
)


def question_table(sentences: Sequence[Sentence], tables: Tables) -> pd.DataFrame:
    """One row per sentence of the question: where it is modelled, the answer in generated sentences, and how sure that is."""
    rows = []
    for asked in QUESTION:
        found = [one for key in asked.keys for one in sentences if one.key.startswith(key)][: asked.most]
        answer = " ".join(one.text(tables) for one in found) or "Not answered by this instance."
        sure = "; ".join(dict.fromkeys(SURE[one.sure] for one in found))
        rows.append((asked.says, asked.where, answer, sure, "; ".join(one.key for one in found)))
    return pd.DataFrame(rows, columns=["question", "modelled_in", "answer", "how_sure", "sentences"])
