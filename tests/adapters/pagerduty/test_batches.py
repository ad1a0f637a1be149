import gzip
import tracemalloc
from datetime import timedelta

import httpx
import orjson

from adapters.contract import Access
from adapters.pagerduty.api import Api
from adapters.pagerduty.batches import Batches
from tests.adapters.answering import answered
from tests.adapters.conftest import Clock


async def test_of_a_long_list_only_the_incidents_that_changed_are_kept(clock: Clock) -> None:
    # given 2,000 open incidents of 10 kB, of which every 20th has changed
    body = {"details": "x" * 10_000}

    def reply(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params["offset"])
        rows = [{"id": f"Q{number}", "body": body} for number in range(start, start + 100)]
        answer = {"incidents": rows, "more": start < 1_900}
        return answered(gzip.compress(orjson.dumps(answer)), Content_Encoding="gzip")

    access = Access(
        base_url="https://acme.example.com",
        credentials={"token": "key"},
        now=clock,
        deadline=timedelta(seconds=10),
        transport=httpx.MockTransport(reply),
    )
    changed = [f"Q{number}" for number in range(0, 2_000, 20)]

    # when those are read
    api = Api(access)
    tracemalloc.start()
    read = await Batches(api, is_whole=True).read(changed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await api.close()

    # then the others have left no trace: a page is 1 MB, the list 20 MB
    assert isinstance(read, list)
    assert read == [{"id": one, "body": body} for one in changed]
    assert peak < 10_000_000
