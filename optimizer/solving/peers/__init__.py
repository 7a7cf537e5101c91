"""Other processes: how they are started, how they are talked to (`pipe`), and the improvement workers that search beside HiGHS."""
