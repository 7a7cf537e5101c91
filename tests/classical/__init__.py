"""Classical problems of operations research, re-stated in the tables of an instance."""
