"""Held against history: shares of nations that forcegen predicts from the facts of an earlier date, against what came (design note 019).

`python -m publications.history` rebuilds the two instances, the tables and the page under `reports/history/`.
"""
