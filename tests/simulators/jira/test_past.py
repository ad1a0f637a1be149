from datetime import datetime, timedelta

from simulators.jira.instance import Jira
from simulators.jira.past import Past
from tests.simulators.conftest import Clock


def test_a_past_is_spread_over_its_days_and_ends_now(jira: Jira, clock: Clock) -> None:
    Past(issues=20, days=10).write(jira)

    created = [
        datetime.fromisoformat(jira.issue(f"OPS-{number}")["fields"]["created"])
        for number in range(1, 21)
    ]
    assert created == [clock() - timedelta(hours=12) * left for left in range(20, 0, -1)]
    assert jira.now() == clock()
    types = [jira.issue(f"OPS-{n}")["fields"]["issuetype"]["name"] for n in range(1, 11)]
    assert len(set(types)) == 3
