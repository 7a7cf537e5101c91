"""Questions over many plans: one runner, sweeps, scenarios."""
