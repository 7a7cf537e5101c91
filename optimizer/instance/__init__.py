"""What the planner provides: tables, readers, findings, scenarios, generator, template."""
