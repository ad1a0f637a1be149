"""The listening socket: what it lends its clients, and for how long."""

import errno
import select
import socket
from contextlib import closing, suppress

import pytest

from im import address


@pytest.mark.usefixtures("linux")
def test_a_client_that_takes_nothing_is_let_go_with_what_was_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(address, "UNREAD_MILLISECONDS", 500)
    with (
        closing(address.listener("127.0.0.1", 0)) as listening,
        closing(socket.create_connection(listening.getsockname())),
    ):
        server, _ = listening.accept()
        with closing(server):
            server.setblocking(False)
            with suppress(BlockingIOError):
                while server.send(bytes(1 << 16)):
                    pass
            poll = select.poll()
            poll.register(server, select.POLLERR)
            assert poll.poll(10_000)
            assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ETIMEDOUT
