"""The board served on this machine until it is interrupted."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from optimizer.board.entries import Board
from optimizer.board.server import LOOPBACK, application


def serve(board: Board, out: Path, source: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve on 127.0.0.1 and return after Ctrl-C.

    Args:
        board: what is served.
        out: folder below which plans are saved.
        source: the instance's path, for the command that is shown.
        port: 0 takes a free one.
        opened: gets the address, token included, once it answers.

    Raises:
        OSError: the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        taken, token = int(listening.getsockname()[1]), secrets.token_urlsafe(24)
        app = application(board, out, source, taken, token)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=60,
            h11_max_incomplete_event_size=16_384,
        )
        server = uvicorn.Server(config)

        async def run() -> None:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started and not serving.done():
                await asyncio.sleep(0.02)
            if not serving.done():
                opened(f"http://{LOOPBACK}:{taken}/?token={token}")
            await serving

        with suppress(KeyboardInterrupt):
            asyncio.run(run())
    finally:
        listening.close()
