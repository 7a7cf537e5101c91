"""`python -m benchmarks.page [PAGE]`: how large a page is, and how soon a browser shows it and lets it be used.

Prints megabytes, and of five openings in headless Chromium the median and the largest milliseconds until the first paint and until the page is
interactive (without and with its scripts run).
"""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

import click

PAGE = Path(__file__).parents[1] / "reports" / "paris" / "plan" / "report.html"
OPENINGS = 5


@click.command()
@click.argument("page", default=str(PAGE))
def main(page: str) -> None:
    """Measure a page of a report."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("There is no Chromium on this machine (Debian: apt-get install chromium).")
    found: dict[str, list[float]] = {"first paint": [], "interactive": [], "scripts have run": []}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(OPENINGS):
            context = browser.new_context()
            tab = context.new_page()
            tab.goto(Path(page).resolve().as_uri())
            times = tab.evaluate(
                """() => {
                  const [load] = performance.getEntriesByType("navigation");
                  const paint = performance.getEntriesByName("first-contentful-paint")[0];
                  return [paint ? paint.startTime : NaN, load.domInteractive, load.domContentLoadedEventEnd];
                }"""
            )
            for what, value in zip(found, times, strict=True):
                found[what].append(float(value))
            context.close()
        browser.close()
    click.echo(f"{Path(page).stat().st_size / 1e6:.2f} MB")
    for what, values in found.items():
        click.echo(f"{what}: median {statistics.median(values):.0f} ms, largest {max(values):.0f} ms")


if __name__ == "__main__":
    main()
