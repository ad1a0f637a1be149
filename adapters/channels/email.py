"""E-mail by SMTP, with TLS wherever a password is sent to another machine."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from adapters.channels.contract import ChannelKind, Notice, PolicyNotice, Way
from adapters.channels.wording import heading, in_force, left, line, summary, used, window
from adapters.exchange import Failed
from adapters.outgoing import is_loopback_host
from domain.sync.retry import Fault

_MOST: Final = 100
_LONGEST_SUBJECT: Final = 120
_LONGEST_DETAIL: Final = 200
_LONGEST_FAULT: Final = 1_000
# Answers from here on are for good (RFC 5321, section 4.2.1).
_FOR_GOOD: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """Where mail is handed in; ``start_tls`` None is where it is offered."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    use_tls: bool
    start_tls: bool | None


class Email:
    """A mail server, and to whom it is to bring what we say. Several alerts are one mail."""

    most: Final = _MOST
    pause: Final = timedelta(0)

    def __init__(self, way: Way) -> None:
        """Open nothing yet. Raises ValueError for an address that is none."""
        self._now, self._deadline = way.now, way.deadline
        self._server = _server(way.settings["smtp_url"])
        self._sender = way.settings["alert_email_from"]
        listed = way.settings["alert_email_to"].split(",")
        self._recipients = [one.strip() for one in listed if one.strip()]
        if not all("@" in address for address in (self._sender, *self._recipients)):
            raise ValueError("ALERT_EMAIL_FROM and ALERT_EMAIL_TO must be addresses: who@where")

    async def send(self, notices: Sequence[Notice]) -> Failed | None:
        """Hand a mail in; it is taken when the server takes it for one recipient at least."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await self._hand_in(self.mail(notices))
        except TimeoutError:
            seconds = self._deadline.total_seconds()
            return Failed(fault=Fault.TIMED_OUT, detail=f"no full answer within {seconds:g} s")
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            return self._refused(first.code, first.message)
        except aiosmtplib.SMTPResponseException as refused:
            is_sign_in = isinstance(refused, aiosmtplib.SMTPAuthenticationError)
            return self._refused(refused.code, refused.message, is_sign_in=is_sign_in)
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            # Its words may name the address, which may be none that there can be.
            detail = f"there is no connection ({type(error).__name__})"
            return Failed(fault=Fault.UNREACHABLE, detail=detail)
        return None

    async def close(self) -> None:
        """Do nothing: each mail has a connection of its own."""

    def mail(self, notices: Sequence[Notice]) -> EmailMessage:
        """Return the mail; one of the same alerts has the same ``Message-ID``."""
        first, *others = notices
        ids = [notice.id for notice in notices]
        name = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:32] if others else first.id
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = _subject(notices)
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{name}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Watchpane-Id"] = ", ".join(ids)
        mail.set_content("\n\n".join(_paragraph(notice) for notice in notices) + "\n")
        return mail

    async def _hand_in(self, mail: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            mail,
            sender=self._sender,
            recipients=self._recipients,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            timeout=None,
        )

    def _refused(self, code: int, told: str, *, is_sign_in: bool = False) -> Failed:
        """Return a refusal in the server's words, without any address."""
        server = self._server
        hidden = (self._sender, *self._recipients, server.host, server.user, server.password)
        for secret in hidden:
            told = told.replace(secret, "***") if secret else told
        fault = Fault.UNAUTHORISED if is_sign_in else Fault.REJECTED
        return Failed(
            fault=fault if code >= _FOR_GOOD else Fault.VENDOR_ERROR,
            detail=f"SMTP {code}: {line(told, _LONGEST_DETAIL)}",
            status=code,
        )


def _subject(notices: Sequence[Notice]) -> str:
    first, *others = notices
    if others:
        return f"{len(notices)} alerts"
    if isinstance(first, PolicyNotice):
        return line(f"{heading(first)}: {first.path}", _LONGEST_SUBJECT)
    return line(f"{first.level}: {first.number} {first.title}", _LONGEST_SUBJECT)


def _paragraph(notice: Notice) -> str:
    if isinstance(notice, PolicyNotice):
        told = [f"{heading(notice)}: {line(notice.path, _LONGEST_DETAIL)}"]
        if notice.fault:
            told.append(line(notice.fault, _LONGEST_FAULT))
        told += [
            in_force(notice),
            f"Found {notice.at:%Y-%m-%d %H:%M} UTC",
            f"Open: {notice.link}",
        ]
        return "\n".join(told)
    return "\n".join(
        (
            summary(notice),
            f"{notice.level} of {notice.clock}, {used(notice)}, {left(notice)}",
            f"Raised {notice.raised_at:%Y-%m-%d %H:%M} UTC, escalation {notice.escalation_level}",
            *(f"During the change {window(change)}" for change in notice.during),
            f"Open: {notice.link}",
            f"Acknowledge: {notice.acknowledge}",
        )
    )


def _server(address: str) -> _Server:
    """Read ``smtp://user:password@host:port`` or ``smtps://…``, where TLS comes first."""
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        url, port = urlsplit(""), None
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ValueError("SMTP_URL must be such as smtp://user:password@mail.example.com:587")
    use_tls = url.scheme == "smtps"
    needs_tls = bool(url.password) and not is_loopback_host(url.hostname)
    usual = 465 if use_tls else 587 if url.password else 25
    return _Server(
        host=url.hostname,
        port=port or usual,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=use_tls,
        start_tls=False if use_tls else needs_tls or None,
    )


EMAIL: Final = ChannelKind(
    key="email", settings=("smtp_url", "alert_email_from", "alert_email_to"), open=Email
)
