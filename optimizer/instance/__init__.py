"""What the planner provides: tables, readers, findings, scenarios, generator, template.

Nothing is imported here: `optimizer.instance.attributes` must be readable without pandas.
"""
