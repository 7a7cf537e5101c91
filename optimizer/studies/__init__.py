"""Questions over many plans: sweeps over a study's inputs, and scenarios side by side.

The file of a study: `form` (its keys), `reading`, `varying`, `chosen_rows`, `keeping` and `rows` (checked against the instance), `faults`
(what is wrong); they make a `study.Study`. Its runs: `design` (which there are), `answer` (one run), `worker` and `hand` (a process),
`runner` and `cluster` (many), `workers` (either of them), `journal` and `folder` (on the disk). Plans that are known: `pooled` (one, and
what it is in another variant), `pool` (many), `order` (which is best). What is made of the records: `table`,
`analysis` and `doubts` for `sweep`; `comparison` and `regret` for `scenarios`. Questions that are no variants are asked by `probing`, for
`frontier` and `alternatives`.
"""
