"""Single questions asked of one instance, many on one runner: aims with bounds on them, a plan far from others, a nation kept from a post.

`probe` (what is asked, as a text that travels), `rows` (what is added to the model for it), `prober` and `worker` (one answer, in a process of
its own), `asking` (many, kept in the folder of a study).
"""
