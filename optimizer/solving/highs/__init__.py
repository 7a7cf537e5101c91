"""HiGHS: a live model that is edited in place (`live`), watched while it runs (`watch`), and not believed blindly (`doubts`)."""
