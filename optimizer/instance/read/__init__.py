"""Reading an instance: from files to typed tables, with every finding."""
