"""Gives out an administrator's token, on the machine that holds the database."""

from domain.access.roles import Role
from im.boot import runtime_of, started
from im.settings import Settings
from operations.access.issue_token import IssueToken, issue_token


async def token(settings: Settings, *, name: str) -> None:
    """Print a new token; it is shown once. Raises StartRefusedError."""
    async with started(settings):
        runtime = runtime_of(settings, None, allows_local=False)
        ask = IssueToken(name=name, roles=(Role.PLATFORM_ADMINISTRATOR,))
        print(await issue_token(runtime, ask))
