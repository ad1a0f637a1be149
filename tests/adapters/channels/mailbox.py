"""A real mail server on this machine, which keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """What was handed in, and how the server answers.

    answers: to MAIL FROM, RCPT TO by address, and the content; 250 where none is told.
    opened_by: the user and the password, where it wants them; tried: those it was given.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    opened_by: tuple[str, str] | None = None
    tried: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 — the name and the signature are aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        said = self.answers.get(address, "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802 — the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        said = self.answers.get("DATA", "250 OK")
        if said.startswith("250"):
            content = envelope.original_content or b""
            self.mails.append(message_from_bytes(content, policy=policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
        return said

    def sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.tried.append((data.login, data.password))
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.opened_by, handled=False)

    def server(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example.com",
            authenticator=None if self.opened_by is None else self.sign_in,
            auth_require_tls=False,
        )


@asynccontextmanager
async def mailbox(*, opened_by: tuple[str, str] | None = None) -> AsyncIterator[Mailbox]:
    """Run a mail server in the block."""
    box = Mailbox(opened_by=opened_by)
    server = await asyncio.get_running_loop().create_server(box.server, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
