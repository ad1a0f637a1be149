"""Requests to a site, signed in, and what one must know of it to read its issues."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from adapters.contract import Access, Mappings
from adapters.exchange import Failed
from adapters.http import Answer, JsonHttp, retry_after_header
from adapters.jira import site as reading
from adapters.jira.maps import MAPPINGS
from adapters.jira.sign_in import sign_in
from adapters.jira.site import Site
from domain.sync.retry import Fault

Json = Mapping[str, Any]

PLATFORM: Final = "/rest/api/3"
DESK: Final = "/rest/servicedeskapi"
# Where the base URL is a gateway's, pages stand elsewhere.
_GATEWAY: Final = "/ex/jira/"
_SIGNED_OUT: Final = 401
_RACE: Final = 409
# How a site says that it took us for nobody, and answered all the same.
_LOGIN: Final = "x-seraph-loginreason"
_NOBODY: Final = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")


class Api:
    """The REST interfaces of one site."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self.now = access.now
        self._base_url = access.base_url.rstrip("/")
        self._mappings = access.mappings or Mappings(MAPPINGS)
        self._http = JsonHttp(access, retry_after=retry_after, refused_fields=refused_fields)
        self._sign_in = sign_in(access)
        self._site: Site | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer | Failed:
        """Read a document."""
        return await self.send("GET", path, query=tuple((query or {}).items()))

    async def send(
        self,
        method: str,
        path: str,
        json: Json | None = None,
        *,
        query: tuple[tuple[str, str], ...] = (),
    ) -> Answer | Failed:
        """Ask, once more with another token when this one is refused."""
        headers = await self._sign_in.headers()
        if isinstance(headers, Failed):
            return headers
        answer = await self._http.send(method, path, query=query, headers=headers, json=json)
        if isinstance(answer, Failed) and answer.status == _SIGNED_OUT:
            others = await self._sign_in.headers(refused=headers)
            if isinstance(others, Failed):
                return others
            if others != headers:
                answer = await self._http.send(method, path, query=query, headers=others, json=json)
        return _judged(answer)

    async def site(self) -> Site | Failed:
        """Return what the site is made of; asked once."""
        if self._site is None:
            told: dict[str, Answer] = {}
            # The account first: lists may be shown to nobody in particular.
            for name in ("myself", "field", "priority", "status"):
                answer = await self.get(f"{PLATFORM}/{name}")
                if isinstance(answer, Failed):
                    return answer
                told[name] = answer
            url = await self._url()
            if isinstance(url, Failed):
                return url
            self._site = Site(
                url=url,
                account_id=str(told["myself"].body.get("accountId") or ""),
                mappings=self._mappings,
                fields=reading.fields(told["field"].body),
                priorities=reading.choices(told["priority"].body),
                statuses=reading.statuses(told["status"].body),
            )
        return self._site

    async def _url(self) -> str | Failed:
        """Return the address of the site's pages."""
        if _GATEWAY not in self._base_url:
            return self._base_url
        answer = await self.get(f"{PLATFORM}/serverInfo")
        if isinstance(answer, Failed):
            return answer
        told = answer.body.get("baseUrl")
        is_url = isinstance(told, str) and told.startswith(("https://", "http://"))
        return str(told).rstrip("/") if is_url else self._base_url


def _judged(answer: Answer | Failed) -> Answer | Failed:
    """Return a refusal where the answer, or its status, hides one."""
    if isinstance(answer, Failed):
        if answer.status == _RACE:
            # Two writes met inside the site; the later one may be tried again.
            return replace(answer, fault=Fault.VENDOR_ERROR)
        return answer
    reason = answer.headers.get(_LOGIN, "")
    if any(word in reason for word in _NOBODY):
        detail = "the site took the credentials for nobody's"
        return Failed(fault=Fault.UNAUTHORISED, detail=detail, status=answer.status)
    return answer


def retry_after(headers: Mapping[str, str], served_at: datetime) -> timedelta | None:
    """Return the wait that a refusal tells, in seconds or by the minute when a limit ends."""
    told = retry_after_header(headers, served_at)
    if told is not None:
        return told
    try:
        until = datetime.fromisoformat(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - served_at, timedelta(0))


def refused_fields(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what an error answer says of each of the site's fields."""
    errors = body.get("errors")
    if not isinstance(errors, dict):
        return {}
    return {str(name): str(told) for name, told in errors.items() if told}


def is_absent(failed: Failed) -> bool:
    """Say whether a thing is not there, or not to be seen, which looks the same."""
    return failed.status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}


def gone(failed: Failed) -> Failed:
    """Return what a write to a thing that is not there comes to."""
    return replace(failed, fault=Fault.GONE) if is_absent(failed) else failed


def nowhere(key: str) -> Failed:
    """Return what becomes of an id that is none of Jira's."""
    return Failed(fault=Fault.GONE, detail=f"there is no issue {key[:40]!r}")
