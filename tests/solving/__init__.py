"""Tests of the solving room."""
