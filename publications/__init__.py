"""What the project publishes: answers made from shipped instances, each rebuilt by one command (see `publications/README.md`)."""
