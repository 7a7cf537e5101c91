"""The board's pages: on this machine alone, for whoever has the token, from no other origin."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from optimizer.board.changes import Switch, WrongChangeError, changed, switches_of
from optimizer.board.entries import Board, Entry, FullBoardError
from optimizer.instance.findings import InvalidInstance

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK: Final = "127.0.0.1"
MOST_BYTES: Final = 16_384
"""Of a request's body."""
MOST_KEPT: Final = 200
"""Drawn entries that are kept."""
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
)
"""Of every answer: no page of another program on this machine shows the board inside itself, and nothing of it stays in a cache."""


def cookie_of(port: int) -> str:
    """The name of the cookie of a board: browsers share cookies among the ports of a machine, so each board has its own."""
    return f"forcegen_board_{port}"


class Guard:
    """Lets requests through that come from this machine's own page: right host, right origin, right token, small body."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app, self.token, self.cookie = app, token, cookie_of(port)
        self.hosts = frozenset({f"{LOOPBACK}:{port}", f"localhost:{port}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, sent)
            return
        await self.app(scope, receive, sent)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == "host"]
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return 421, "This board answers under its own address alone.\n"
        origins = [value for name, value in headers if name == "origin"]
        if any(origin not in {f"http://{host}" for host in self.hosts} for origin in origins):
            return 403, "Requests from other pages are refused.\n"
        if scope["method"] not in ("GET", "POST"):
            return 405, "GET or POST.\n"
        if scope["method"] == "POST":
            lengths = [value for name, value in headers if name == "content-length"]
            in_pieces = any(name == "transfer-encoding" for name, _ in headers)  # whose length nobody says
            if in_pieces or len(lengths) != 1 or not lengths[0].isdigit():
                return 411, "The length of the request is missing.\n"
            if int(lengths[0]) > MOST_BYTES:
                return 413, "The request is too large.\n"
            if not origins:
                return 403, "A change comes from the board's own page.\n"
        if not self._has_token(scope, headers):
            return 403, "The token is missing or wrong: use the address that `forcegen board` printed.\n"
        return None

    def _has_token(self, scope: Scope, headers: list[tuple[str, str]]) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        for name, value in headers:
            if name == "cookie":
                pairs = (part.strip().partition("=") for part in value.split(";"))
                given += [text for key, _, text in pairs if key == self.cookie]
        return any(secrets.compare_digest(one.encode("latin-1", "replace"), self.token.encode()) for one in given)


class Pages:
    """What the board answers."""

    def __init__(self, board: Board, out: Path, source: str, port: int) -> None:
        self.board, self.out, self.source, self.cookie = board, out, source, cookie_of(port)
        self.known: dict[str, Switch] = {one.what: one for one in switches_of(board.instance, board.scenario)}
        self._rendered: dict[str, tuple[tuple[int, int], str]] = {}
        self._rendering = threading.Lock()

    @cached_property
    def routes(self) -> list[Route]:
        """Addresses and what answers them."""
        return [
            Route("/", self.first),
            Route("/e/{key}", self.page),
            Route("/e/{key}/view", self.view),
            Route("/e/{key}/state", self.state),
            Route("/e/{key}/change", self.change, methods=["POST"]),
            Route("/e/{key}/name", self.name, methods=["POST"]),
            Route("/e/{key}/save", self.save, methods=["POST"]),
        ]

    async def first(self, request: Request) -> Response:
        """To the first entry; a token of the address becomes a cookie of this browser."""
        return self._remembered(request, RedirectResponse(f"/e/{self.board.root}", 303))

    async def page(self, request: Request) -> Response:
        """The page of an entry."""
        entry = self._entry(request)
        if entry is None:
            return _missing()
        html = await run_in_threadpool(self._page, entry, request.query_params.get("post", ""))
        return self._remembered(request, HTMLResponse(html))

    async def view(self, request: Request) -> Response:
        """The part of the page that moves."""
        entry = self._entry(request)
        return _missing() if entry is None else HTMLResponse(await run_in_threadpool(self._view, entry))

    async def state(self, request: Request) -> Response:
        """Whether there is news."""
        entry = self._entry(request)
        if entry is None:
            return _missing()
        tried = self.board.entries()
        content = {
            "state": entry.state,
            "revision": entry.revision,
            "value": entry.value,
            "bound": entry.bound,
            "seconds": entry.seconds,
            "tried": len(tried) + sum(one.revision for one in tried),
        }
        return JSONResponse(content)

    async def change(self, request: Request) -> Response:
        """Make an entry with one more change, and go there."""
        entry = self._entry(request)
        if entry is None:
            return _missing()
        form = await _form(request)
        if form.get("kind") == "pin" and entry.plan is None:
            return PlainTextResponse("There is no plan yet in which the nation could be pinned.\n", 422)
        try:
            switches, title, nations = changed(entry.switches, form, self.known, entry.key)
            made = await run_in_threadpool(self.board.change, entry.key, switches, title, nations)
        except (WrongChangeError, FullBoardError, InvalidInstance, KeyError, ValueError) as error:
            return PlainTextResponse(f"{error}\n", 422)
        return RedirectResponse(f"/e/{made.key}", 303)

    async def name(self, request: Request) -> Response:
        """Name an entry."""
        entry = self._entry(request)
        if entry is None:
            return _missing()
        self.board.rename(entry.key, (await _form(request)).get("name", ""))
        return RedirectResponse(f"/e/{entry.key}", 303)

    async def save(self, request: Request) -> Response:
        """Save an entry's plan as a folder."""
        entry = self._entry(request)
        if entry is None:
            return _missing()
        if entry.plan is None:
            return PlainTextResponse("There is no plan to save yet.\n", 422)
        folder = self.out / _folder_name(entry)
        try:
            await run_in_threadpool(_save, entry, folder)
        except OSError as error:
            return PlainTextResponse(f"It could not be saved: {error}\n", 422)
        return PlainTextResponse(f"Saved in {folder}\n")

    def _remembered(self, request: Request, response: Response) -> Response:
        """The answer, with the token of the address as a cookie."""
        token = request.query_params.get("token")
        if token:
            response.set_cookie(self.cookie, token, httponly=True, samesite="strict")
        return response

    def _entry(self, request: Request) -> Entry | None:
        return self.board.entry(request.path_params["key"])

    def _page(self, entry: Entry, post: str) -> str:
        from optimizer.board.views import render_board

        return render_board(self, entry, self._view(entry), post)

    def _view(self, entry: Entry) -> str:
        from optimizer.board.views import render_tried, render_view

        before = None if entry.before is None else self.board.entry(entry.before)
        # Twenty viewers of one entry wait for one drawing, and do not make twenty.
        with self._rendering:
            revisions = entry.revision, 0 if before is None else before.revision
            known, html = self._rendered.get(entry.key, (None, ""))
            if known != revisions:
                if len(self._rendered) >= MOST_KEPT:
                    self._rendered.clear()
                html = render_view(self, entry)
                self._rendered[entry.key] = revisions, html
        return html + render_tried(self, entry)


def _missing() -> Response:
    return PlainTextResponse("There is no such entry on this board.\n", 404)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; what is malformed has none."""
    body = (await request.body())[:MOST_BYTES]
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode("utf-8"), max_num_fields=20).items()}
    except (UnicodeDecodeError, ValueError):
        return {}


def _folder_name(entry: Entry) -> str:
    """A name for a folder from what the entry is called: letters, numbers and dashes, and its key."""
    words = "".join(letter if letter.isalnum() else "-" for letter in (entry.name or entry.title).lower())
    return f"{'-'.join(part for part in words[:60].split('-') if part) or 'plan'}-{entry.key}"


def _save(entry: Entry, folder: Path) -> None:
    from optimizer.plan.store import save_plan

    if entry.plan is not None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        save_plan(entry.plan, folder)


def hash_of(script: str) -> str:
    """A script as a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def application(board: Board, out: Path, source: str, port: int, token: str) -> Any:
    """The board as an ASGI application that answers under 127.0.0.1 and localhost on this port."""
    app = Starlette(routes=Pages(board, out, source, port).routes)
    return Guard(app, port, token)
