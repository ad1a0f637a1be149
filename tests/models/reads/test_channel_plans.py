"""How the databases find what is due to be told: by an index, without what was told before."""

from functools import partial

from models.channels import waiting_channels
from tests import given
from tests.models.reads.plans import Plan


async def test_what_is_due_is_found_by_its_instant(reluctant_plan: Plan) -> None:
    lines = await reluctant_plan(partial(waiting_channels, now=given.NOW))
    read = [line for line in lines if "notification" in line or line.startswith("SEARCH n")]
    assert any("due_at" in line for line in lines), lines
    assert read
    assert not any(line.startswith("SCAN n") or "Seq Scan on notif" in line for line in read)
