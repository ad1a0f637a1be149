"""The script for ServiceNow posts what the simulated instance posts, and what the adapter reads."""

import json
import re
from typing import Final

import pytest

from adapters.servicenow.webhook import SIGNED
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.webhook import Target
from tests.clock import Clock
from tests.docs.documents import ROOT
from tests.postbox import ADDRESS, Letter, Postbox

_PAGE: Final = (ROOT / "docs" / "how-to" / "receive-webhooks.md").read_text("utf-8")
_SCRIPT: Final = re.findall(r"```javascript\n(.*?)```", _PAGE, re.DOTALL)[0]
_KEY: Final = re.compile(r"^ {8}(\w+):", re.MULTILINE)


def _columns(of: str) -> list[str]:
    """Return the columns that the script asks a table for."""
    listed = re.search(rf"recent\('{of}', '\w+', \[(.*?)\]", _SCRIPT, re.DOTALL)
    assert listed is not None
    return re.findall(r"'(\w+)'", listed[1])


@pytest.fixture
async def letter() -> Letter:
    """What the simulated instance posts of an edit with a note."""
    clock, box = Clock(), Postbox()
    instance = ServiceNow(now=clock.now, account=Account(password="secret"))  # noqa: S106 — of a simulator
    made = instance.create({"short_description": "Mail is down"})
    instance.webhook.install(Target(url=f"{ADDRESS}/hook", secret="shared"), box.http)  # noqa: S106 — as above
    instance.edit(made["number"], {"urgency": "1", "work_notes": "Called"})
    await instance.webhook.send()
    return box.letters[0]


async def test_the_script_posts_what_the_simulator_posts(letter: Letter) -> None:
    body = json.loads(letter.body)

    assert set(_KEY.findall(_SCRIPT)) == set(body)
    assert _columns("sys_journal_field") == list(body["journal"][0])
    assert _columns("sys_audit") == list(body["audit"][0])


async def test_the_script_sends_the_headers_that_are_looked_at(letter: Letter) -> None:
    sent = {name.lower() for name in re.findall(r"setRequestHeader\('([\w-]+)'", _SCRIPT)}

    assert sent - {"content-type"} == SIGNED.headers
    assert sent <= set(letter.headers)
