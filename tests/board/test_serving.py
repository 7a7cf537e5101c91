"""The board as a process: where it listens, and what a browser sees."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.axe import serious

ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(tmp_path):
    command = [
        sys.executable,
        "-m",
        "optimizer",
        "board",
        str(ROOT / "instances" / "tutorial"),
        "--no-browser",
        "--seconds",
        "5",
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    line = process.stdout.readline()
    yield re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line).group(), process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) in (0, 130)
    process.stdout.close()


def test_it_listens_on_loopback_alone(address):
    """Among the sockets of the process that listen, none is open beyond this machine."""
    url, process = address
    port = int(re.search(r":(\d+)/", url)[1])
    sockets = psutil.Process(process.pid).net_connections("inet")
    assert [(*one.laddr,) for one in sockets if one.status == psutil.CONN_LISTEN] == [("127.0.0.1", port)]
    assert httpx.get(url, follow_redirects=True).status_code == 200
    assert httpx.get(url.partition("?")[0]).status_code == 403


def test_a_viewer_switches_and_undoes(address, browser):
    """In a browser: a switch leads to a new entry whose plan arrives by itself, and undo leads back; nothing complains."""
    url, _ = address
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    page.locator("p.verdict", has_text="Done").wait_for(timeout=30000)
    first = page.url
    page.locator("li", has_text="Ceasefire").locator("button").first.click()
    page.wait_for_url(lambda one: one != first, timeout=20000)
    page.locator("p.verdict", has_text="Done: the coverage is 60").wait_for(timeout=30000)
    page.locator("select[name=post]").select_option(index=0)
    page.get_by_role("button", name="Show").click()
    page.locator("#filling table, #filling p").first.wait_for(timeout=20000)
    assert serious(page) == []
    page.get_by_text("Undo").click()
    page.wait_for_url(first)
    page.close()
    assert complaints == []
