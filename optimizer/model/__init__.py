"""The mathematics: one module per rule family, one for the aims, one that assembles."""
