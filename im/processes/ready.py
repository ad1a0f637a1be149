"""What the installation on this machine says of itself while it runs."""

from dataclasses import dataclass

from im.processes.data_dir import READY, read_private
from im.secret import Secret
from im.settings import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Where it answers, and an administrator's token."""

    url: str
    token: Secret


def ready() -> Ready | None:
    """Return what ``im run`` wrote into the data folder; None when it does not run.

    Raises StartRefusedError when the settings do not say which folder that is.
    """
    match read_private(load().data_dir / READY):
        case {"url": str(url), "token": str(token)}:
            return Ready(url=url, token=Secret(token))
        case _:
            return None
