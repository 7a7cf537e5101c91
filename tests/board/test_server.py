"""What the board answers, and whom it refuses."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from optimizer.board.entries import Board
from optimizer.board.filling import candidates_table, posts_of
from optimizer.board.server import MOST_BYTES, application, cookie_of
from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.instance.settings import with_settings
from optimizer.plan.candidates import candidates
from optimizer.plan.store import load_plan
from tests.reporting.hostile import hostile_instance

TUTORIAL = Path(__file__).parents[2] / "instances" / "tutorial"
TOKEN = "the-token"  # noqa: S105 - of a test
HOST = "127.0.0.1:8123"
OWN = {"origin": f"http://{HOST}"}


@pytest.fixture(scope="module")
def board():
    instance = read_instance(TUTORIAL)
    found = Board(instance, None, solve(instance, child=False), seconds=5.0)
    yield found
    found.close()


@pytest.fixture
def ask(board, tmp_path):
    return asker(board, tmp_path)


def asker(board, out):
    app = application(board, out, "instances/tutorial", 8123, TOKEN)

    def ask(method, path, *, token=TOKEN, host=HOST, headers=None, **more):
        async def once():
            transport = httpx.ASGITransport(app=app)
            cookies = {cookie_of(8123): token} if token else {}
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", cookies=cookies) as client:
                return await client.request(method, path, headers={"host": host} | (headers or {}), **more)

        return asyncio.run(once())

    return ask


def settled(board, key, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until and board.entry(key).state in ("waiting", "planning"):
        time.sleep(0.05)
    return board.entry(key)


def test_without_the_token_nothing_is_shown(ask, board):
    """No token, a wrong one, or a part of it: refused, whatever is asked for."""
    for token in ("", "wrong", TOKEN[:-1]):
        for path in ("/", f"/e/{board.root}", f"/e/{board.root}/state", "/nowhere"):
            answer = ask("GET", path, token=token)
            assert answer.status_code == 403
            assert "coverage" not in answer.text
    assert ask("GET", f"/?token={TOKEN}", token="").status_code == 303
    assert ask("GET", f"/e/{board.root}").status_code == 200


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:8123", "127.0.0.1:80", "localhost", "127.0.0.1.example.org:8123", ""]
)
def test_another_host_is_refused(ask, board, host):
    """A name that points here from elsewhere gets nothing."""
    assert ask("GET", f"/e/{board.root}", host=host).status_code == 421


@pytest.mark.parametrize("origin", ["http://example.org", "null", f"https://{HOST}", "http://127.0.0.1:80"])
def test_another_origin_is_refused(ask, board, origin):
    """A page from elsewhere can change nothing, and read nothing."""
    before = len(board.entries())
    for method in ("GET", "POST"):
        path = f"/e/{board.root}" + ("/change" if method == "POST" else "")
        answer = ask(
            method,
            path,
            headers={"origin": origin},
            data={"kind": "pin", "what": "north"} if method == "POST" else None,
        )
        assert answer.status_code == 403
    assert len(board.entries()) == before


def test_a_change_comes_from_the_own_page(ask, board):
    """A post without an origin is refused, other methods are, and so are large and malformed bodies."""
    path = f"/e/{board.root}/change"
    assert ask("POST", path, data={"kind": "pin", "what": "north"}).status_code == 403
    assert ask("PUT", path, headers=OWN).status_code == 405
    assert ask("POST", path, headers=OWN, content=b"x" * (MOST_BYTES + 1)).status_code == 413
    pieces = OWN | {"transfer-encoding": "chunked", "content-length": "3"}
    assert ask("POST", path, headers=pieces, content=b"a=1").status_code == 411
    for body in (
        b"",
        b"\xff\xfe",
        b"kind",
        b"kind=switch&what=nothing",
        b"kind=fly&what=conditions.ceasefire",
        b"&".join([b"a=1"] * 500),
    ):
        assert ask("POST", path, headers=OWN, content=body).status_code == 422
    assert ask("GET", "/e/none").status_code == 404
    assert ask("GET", "/e/../../etc/passwd").status_code == 404


def test_a_switched_condition_is_planned_anew(ask, board):
    """Without a ceasefire Southland stays at home: the plan moves, the entry before stays, undo leads back."""
    root = board.entry(board.root)
    form = {"kind": "switch", "what": "conditions.ceasefire"}
    answer = ask("POST", f"/e/{root.key}/change", headers=OWN, data=form)
    assert answer.status_code == 303
    key = answer.headers["location"].rpartition("/")[2]
    entry = settled(board, key)
    expected = solve(read_instance(TUTORIAL), "no-ceasefire", child=False)
    assert entry.value == pytest.approx(expected.aims["value"].iloc[0])
    assert entry.value < root.value
    page = ask("GET", f"/e/{key}").text
    assert f'href="/e/{root.key}">Undo' in page
    assert "Before and after" in page
    again = ask("POST", f"/e/{key}/change", headers=OWN, data=form)
    assert again.headers["location"] == f"/e/{root.key}", "switched back, it is the entry that was there"


def test_rules_and_numbers_are_switches(ask, board):
    """A caveat goes and comes back; a number is set, and one that does not fit is refused in words."""
    what = "caveats/Westland stays away from the border"
    answer = ask("POST", f"/e/{board.root}/change", headers=OWN, data={"kind": "switch", "what": what})
    entry = settled(board, answer.headers["location"].rpartition("/")[2])
    assert entry.switches.without == (what,)
    assert entry.value > board.entry(board.root).value
    number = "pledges.south-battalion.quantity"
    more = ask("POST", f"/e/{board.root}/change", headers=OWN, data={"kind": "set", "what": number, "value": "3"})
    assert settled(board, more.headers["location"].rpartition("/")[2]).switches.settings == (f"{number}=3",)
    for value in ("many", "-1", "1.5"):
        wrong = ask(
            "POST", f"/e/{board.root}/change", headers=OWN, data={"kind": "set", "what": number, "value": value}
        )
        assert wrong.status_code == 422
        assert wrong.text.strip()


def test_what_a_nation_sends_can_be_pinned(ask, board):
    """A pinned nation serves as in the plan that was shown."""
    answer = ask("POST", f"/e/{board.root}/change", headers=OWN, data={"kind": "pin", "what": "north"})
    entry = settled(board, answer.headers["location"].rpartition("/")[2])

    def sent(plan):
        rows = plan.assignments[plan.assignments["nation"] == "north"]
        return sorted(rows[["pledge", "requirement", "period", "units"]].itertuples(index=False, name=None))

    assert sent(entry.plan) == sent(board.entry(board.root).plan) != []


def test_a_plan_is_named_and_saved(ask, board, tmp_path):
    """The folder is a plan like any other, inside the folder that was named, whatever the entry is called."""
    assert (
        ask("POST", f"/e/{board.root}/name", headers=OWN, data={"name": "../../../The best <b>one</b>"}).status_code
        == 303
    )
    answer = ask("POST", f"/e/{board.root}/save", headers=OWN)
    assert answer.status_code == 200
    (folder,) = tmp_path.iterdir()
    assert folder.name == f"the-best-b-one-b-{board.root}"
    assert load_plan(folder).aims["value"].iloc[0] == board.entry(board.root).value
    assert "<b>one" not in ask("GET", f"/e/{board.root}").text


def test_hostile_names_are_text(tmp_path):
    """Names of an instance that would like to be tags are shown as text on the board."""
    instance = hostile_instance()
    found = Board(instance, None, solve(instance, child=False))
    try:
        page = asker(found, tmp_path)("GET", f"/e/{found.root}").text
    finally:
        found.close()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img src=x" not in page


def test_the_planner_may_break_down(ask, board):
    """A planner that dies is replaced; the entry says so, and the next one is planned."""
    board._peer.kill()
    form = {"kind": "set", "what": "pledges.south-battalion.quantity", "value": "5"}
    broken = settled(
        board, ask("POST", f"/e/{board.root}/change", headers=OWN, data=form).headers["location"].rpartition("/")[2]
    )
    assert (broken.state, "broke down" in broken.message) == ("none", True)
    form["value"] = "6"
    whole = settled(
        board, ask("POST", f"/e/{board.root}/change", headers=OWN, data=form).headers["location"].rpartition("/")[2]
    )
    assert whole.state == "done"


def test_what_was_tried_elsewhere_is_listed_at_once(ask, board):
    """The list of what was tried, and the names in it, are those of now on a page that was drawn before."""
    first = ask("GET", f"/e/{board.root}/view").text
    form = {"kind": "set", "what": "pledges.south-battalion.quantity", "value": "7"}
    key = ask("POST", f"/e/{board.root}/change", headers=OWN, data=form).headers["location"].rpartition("/")[2]
    assert key not in first
    assert key in ask("GET", f"/e/{board.root}/view").text
    ask("POST", f"/e/{key}/name", headers=OWN, data={"name": "seven battalions"})
    assert "seven battalions" in ask("GET", f"/e/{board.root}/view").text


def test_no_other_page_frames_it_and_nothing_is_cached(ask, board):
    """Every answer says so, a refusal too."""
    for token in (TOKEN, ""):
        headers = ask("GET", f"/e/{board.root}", token=token).headers
        assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")


def test_without_a_plan_nothing_is_pinned(ask, board, monkeypatch):
    """A nation is pinned to what it does in a plan; where there is none, the board says so in words."""
    monkeypatch.setattr(board.entry(board.root), "plan", None)
    answer = ask("POST", f"/e/{board.root}/change", headers=OWN, data={"kind": "pin", "what": "west"})
    assert answer.status_code == 422
    assert "no plan yet" in answer.text


def test_the_candidates_of_a_post_are_ranked(ask, board):
    """The post that is chosen has its candidates in a table whose columns say what they are; a number that is none shows none."""
    posts = posts_of(board.instance)
    plan = board.entry(board.root).plan
    number = next(number for number, post in enumerate(posts) if candidates(plan, post))
    page = ask("GET", f"/e/{board.root}?post={number}").text
    section = page[page.index('id="filling"') :]
    brought = [one.brings for one in candidates(plan, posts[number])]
    assert section.count("<tr>") == len(brought) + 1
    assert "Of what is missing" in section
    for wrong in ("999", "-1", "x", "%C2%B2", "1" * 50):
        answer = ask("GET", f"/e/{board.root}?post={wrong}")
        assert answer.status_code == 200
        assert "<table" not in answer.text[answer.text.index('id="filling"') :]


def test_what_keeps_a_candidate_is_said_as_the_entry_has_it(board):
    """Where a cap was set on the board, its sentence has the number that was set."""
    changed = with_settings(board.instance, ["nations.east.max_personnel=100"])
    table = candidates_table(solve(changed, child=False), ("training", "capital"))
    (kept,) = (row[-1] for row in table.rows if row[1] == "east-teams")
    assert "100" in kept
    assert "150" not in kept


def test_boards_on_two_ports_do_not_share_a_cookie(board, tmp_path):
    """A browser sends the cookies of one port to all ports of the machine: the other board's is not taken, and not overwritten."""
    assert cookie_of(8123) != cookie_of(8124)
    answer = asker(board, tmp_path)("GET", f"/?token={TOKEN}", token="")
    assert answer.headers["set-cookie"].startswith(f"{cookie_of(8123)}={TOKEN};")

    async def once():
        app = application(board, tmp_path, "x", 8123, TOKEN)
        cookies = {cookie_of(8124): TOKEN}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", cookies=cookies) as client:
            return await client.get("/", headers={"host": HOST})

    assert asyncio.run(once()).status_code == 403
