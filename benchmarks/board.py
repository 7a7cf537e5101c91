"""`python -m benchmarks.board [PLAN]`: how soon a switched rule shows a plan on the board, and how the board answers while twenty look on.

Prints seconds: until the answer to a click, until the first plan of the new entry, until the first better plan, until the first bound; and
the median and largest seconds of an answer to twenty viewers who ask every 0.3 s while the planner works.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import httpx

from optimizer.board.server import cookie_of

PLAN = Path(__file__).parents[1] / "reports" / "paris" / "plan"
VIEWERS = 20
SECONDS = 20.0


@click.command()
@click.argument("plan", default=str(PLAN))
@click.option(
    "--rule", default="caveats/Germany: neighbouring allied territory only", help="The rule that is switched off."
)
def main(plan: str, rule: str) -> None:
    """Measure the board on a plan's folder."""
    command = [sys.executable, "-m", "optimizer", "board", plan, "--no-browser", "--seconds", str(SECONDS)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = re.search(r"(http://[\d.:]+)/\?token=(\S+)", line)
        if address is None:
            raise SystemExit("The board did not start.")
        asyncio.run(_measure(address[1], address[2], rule))
    finally:
        process.terminate()


def _client(base: str, token: str) -> httpx.AsyncClient:
    """A browser that the board has let in."""
    return httpx.AsyncClient(base_url=base, cookies={cookie_of(int(base.rpartition(":")[2])): token}, timeout=60.0)


async def _measure(base: str, token: str, rule: str) -> None:
    async with _client(base, token) as client:
        first = (await client.get("/")).headers["location"]
        before = (await client.get(f"{first}/state")).json()
        await client.get(first)
        await asyncio.sleep(4.0)  # the planner's process has loaded what it needs
        begun = time.monotonic()
        form = {"kind": "switch", "what": rule}
        answer = await client.post(f"{first}/change", headers={"origin": base}, data=form)
        entry = answer.headers["location"]
        seen: dict[str, float] = {"answer": time.monotonic() - begun}
        slow: list[float] = []
        viewers = [asyncio.create_task(_look(base, token, entry, slow)) for _ in range(VIEWERS)]
        while time.monotonic() - begun < SECONDS + 5.0:
            state: dict[str, Any] = (await client.get(f"{entry}/state")).json()
            now = time.monotonic() - begun
            if state["value"] is not None:
                seen.setdefault("first plan", now)
                if state["value"] > before["value"] + 1e-6:
                    seen.setdefault("first better plan", now)
            if state["bound"] is not None:
                seen.setdefault("first bound", now)
            if state["state"] in ("done", "none"):
                break
            await asyncio.sleep(0.05)
        for viewer in viewers:
            viewer.cancel()
        for what, seconds in seen.items():
            click.echo(f"{what}: {seconds:.2f} s")
        click.echo(f"value {before['value']:.2f} before, {state['value']:.2f} at the end, bound {state['bound']}")
        click.echo(
            f"{len(slow)} answers to {VIEWERS} viewers: median {statistics.median(slow):.3f} s, largest {max(slow):.3f} s"
        )


async def _look(base: str, token: str, entry: str, slow: list[float]) -> None:
    """A viewer: asks for news, and for the page when there is some."""
    revision = -1
    async with _client(base, token) as client:
        while True:
            begun = time.monotonic()
            state = (await client.get(f"{entry}/state")).json()
            slow.append(time.monotonic() - begun)
            if state["revision"] != revision:
                revision = state["revision"]
                begun = time.monotonic()
                await client.get(f"{entry}/view")
                slow.append(time.monotonic() - begun)
            await asyncio.sleep(0.3)


if __name__ == "__main__":
    main()
