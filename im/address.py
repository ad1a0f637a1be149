"""Where the API is found, and the socket that it is found at."""

import socket
import sys
from typing import Final

from im.refusal import StartRefusedError

# What the kernel keeps for a client that does not read; beyond it, we feel it.
SEND_BUFFER_BYTES: Final = 256 * 1024
# How long what was sent to a client may wait for it; then the kernel ends the connection. A
# client that never reads would not take a close frame either, and hold its buffers for good.
UNREAD_MILLISECONDS: Final = 90_000


def local_url(host: str, port: int) -> str:
    """Return the URL of what listens on a host and a port, as seen from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 — read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listener(host: str, port: int) -> socket.socket:
    """Return a listening socket whose clients have small buffers, and are let go if they hang."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise StartRefusedError(
            f"{host}:{port} cannot be used ({error.strerror}); set PORT to a free one"
        ) from error
    listening.listen(2048)
    return listening
