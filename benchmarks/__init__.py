"""Measured work: what takes how long, and how good plans are after how many seconds."""
