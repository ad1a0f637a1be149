import asyncio
from ipaddress import ip_address

import httpcore
import httpx
import pytest

from adapters.outgoing import Guarded, GuardedTransport, check_base_url, is_public
from domain.errors import Invalid


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 — judged, not bound
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_everybodys_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address_is_allowed_however_it_is_written(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("https://acme.service-now.com", "https://acme.service-now.com"),
        (" https://acme.service-now.com/ ", "https://acme.service-now.com"),
        ("https://ACME.service-now.com:8443/x/", "https://acme.service-now.com:8443/x"),
        ("http://127.0.0.1:9100/", "http://127.0.0.1:9100"),
        ("http://127.8.0.1", "http://127.8.0.1"),
        ("http://[::1]:9100", "http://[::1]:9100"),
        ("http://localhost:9100", "http://localhost:9100"),
    ],
)
def test_a_good_base_url_loses_only_its_slash(text: str, checked: str) -> None:
    assert check_base_url(text) == checked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "acme.service-now.com",
        "//acme.service-now.com",
        "ftp://acme.service-now.com",
        "file:///etc/passwd",
        "http://acme.service-now.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://2130706433",
        "http://0x7f.1",
        "http://10.0.0.1",
        "https://0177.0.0.1",
        "https://user@acme.service-now.com",
        "https://user:secret@acme.service-now.com",
        "https://h#@x",
        "https://h?x",
        "https://acme.service-now.com?",
        "https://acme\\@evil.example.com",
        "https://acme.service-now.com\r\nHost: x",
        "https://acme service-now.com",
        "https://acme.service-now.com:99999",
        "https://acme.service-now.com:x",
        "https://[::1",
        "https://",
    ],
)
def test_a_bad_base_url_is_invalid_where_it_was_given(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_base_url(text)
    assert refused.value.path == ("baseUrl",)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1"])
async def test_a_name_is_judged_by_what_it_resolves_to(host: str) -> None:
    with pytest.raises(httpcore.ConnectError, match="not a public address"):
        await Guarded(local=False).connect_tcp(host, 1)


async def test_the_transport_connects_through_the_guard() -> None:
    async with httpx.AsyncClient(transport=GuardedTransport(local=False)) as client:
        with pytest.raises(httpx.ConnectError, match="not a public address"):
            await client.get("https://localhost:1/")


async def test_a_local_vendor_is_reached_over_the_guarded_transport() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(transport=GuardedTransport(local=True)) as client:
        answer = await client.get(f"http://localhost:{port}/")

    assert answer.status_code == 204


async def test_a_local_vendor_may_not_name_another_host() -> None:
    with pytest.raises(httpcore.ConnectError, match="not a public address"):
        await Guarded(local=True).connect_tcp("8.8.8.8", 443)


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(httpcore.ConnectError, match="not a known name"):
        await Guarded(local=False).connect_tcp("nowhere.invalid", 443)
