"""Which Watchpane is asked, and as whom."""

from dataclasses import dataclass
from typing import Annotated

import typer

from im.client.failure import CommandError, Exit
from im.processes.ready import ready
from im.secret import Secret
from im.values import public_url

Url = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="IM_URL",
        show_default=False,
        help="Where Watchpane answers; without it, the one that runs on this machine.",
    ),
]
Token = Annotated[
    str,
    typer.Option(
        metavar="TOKEN",
        envvar="IM_TOKEN",
        show_default=False,
        help="The access token; others on this machine cannot see the variable. Without it, "
        "the one that the Watchpane on this machine wrote for its owner.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An address without a slash at its end, and the token to show there."""

    url: str
    token: Secret


def connection(url: str, token: str) -> Connection:
    """Return where to ask and as whom; what is empty is what runs on this machine.

    The token of this machine is shown to nobody but the Watchpane that wrote it.
    Raises CommandError, and StartRefusedError when this machine's settings are wrong.
    """
    local = None if url and token else ready()
    if not url:
        if local is None:
            raise CommandError(
                Exit.UNREACHABLE,
                "no Watchpane runs on this machine, as far as DATA_DIR says",
                hint="start one with `make run`, or name another with --url or IM_URL",
            )
        url = local.url
    url = _checked(url)
    if token:
        return Connection(url=url, token=_sendable(token))
    if local is None or local.url != url:
        raise CommandError(
            Exit.NOT_ALLOWED,
            f"there is no token for {url}",
            hint="set IM_TOKEN; `im token NAME` prints one where the database is",
        )
    return Connection(url=url, token=local.token)


def _checked(url: str) -> str:
    try:
        return public_url(url)
    except ValueError as wrong:
        raise CommandError(Exit.USAGE, f"--url {wrong}") from None


def _sendable(token: str) -> Secret:
    """Take what can stand in a header, without the line end that a file adds."""
    token = token.strip()
    if not (token.isascii() and token.isprintable()) or not token or " " in token:
        raise CommandError(
            Exit.USAGE, "--token has characters that no token has", hint="copy it once more"
        )
    return Secret(token)
