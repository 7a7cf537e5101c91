"""`python -m publications.paris_tables`: write the tables of both Paris instances from the common ones."""

from publications.paris_tables import DATES, write_instance_tables


def main() -> None:
    """Write both folders."""
    for date in DATES:
        print(write_instance_tables(date))


if __name__ == "__main__":
    main()
