import httpx

from simulators.demo.instance import Demo
from tests.postbox import ADDRESS, Postbox
from tests.simulators.demo.conftest import Begin

ADDRESSES = {vendor: f"{ADDRESS}/{vendor}" for vendor in ("servicenow", "jira", "pagerduty")}


async def sent(demo: Demo, http: httpx.AsyncClient) -> None:
    """Let all vendors send what they have to tell."""
    demo.jira.webhook.http = demo.servicenow.webhook.http = demo.pagerduty.webhooks.http = http
    for webhook in (demo.servicenow.webhook, demo.jira.webhook, demo.pagerduty.webhooks):
        await webhook.send()


async def test_each_vendor_tells_its_own_address_also_after_another_start(begin: Begin) -> None:
    begin(is_kept=True).tell(ADDRESSES, "first")
    demo, box = begin(is_kept=True), Postbox()
    demo.tell(ADDRESSES, "second")

    demo.servicenow.create({"short_description": "Mail is down"})
    demo.jira.create("[System] Incident", {"summary": "Mail is down"})
    demo.pagerduty.trigger("Mail is down")
    await sent(demo, box.http)

    paths = [letter.path for letter in box.letters]
    assert {path.strip("/") for path in paths} == set(ADDRESSES)
    assert paths.count("/pagerduty") == 1


async def test_a_vendor_without_address_tells_nobody(begin: Begin) -> None:
    demo, box = begin(), Postbox()
    demo.tell({}, "")

    demo.pagerduty.trigger("Mail is down")
    await sent(demo, box.http)

    assert not box.letters
