"""What became of a delivery that was dead once."""

from domain.exchange import DeadLetterStatus, DeliveryState, WriteState
from domain.redaction import HIDDEN, redacted
from domain.sync.dead_letter import states_of, status_of


def test_every_state_of_a_write_or_a_delivery_is_a_status() -> None:
    assert {status_of(state) for state in WriteState} == set(DeadLetterStatus)
    assert status_of(DeliveryState.READY) is DeadLetterStatus.RETRYING
    assert {str(state) for state in DeliveryState} <= states_of(set(DeadLetterStatus))


def test_a_status_is_found_by_all_states_that_mean_it() -> None:
    assert states_of([DeadLetterStatus.SUPERSEDED]) == {"SUPERSEDED", "DROPPED"}
    assert states_of([]) == frozenset()


def test_what_a_telling_key_holds_is_hidden_however_deep() -> None:
    told = {"headers": {"X-Auth-Token": "canary"}, "list": [{"clientSecret": ["canary"]}], "n": 1}
    assert "canary" not in str(redacted(told))
    assert redacted(told)["n"] == 1
    assert redacted(told)["headers"] == {"X-Auth-Token": HIDDEN}


def test_what_lies_too_deep_to_be_looked_at_is_hidden() -> None:
    deep: object = "canary"
    for _ in range(20):
        deep = [deep]
    assert "canary" not in str(redacted(deep))
