from simulators.company import CUSTOMERS, SERVICES

BY_KEY = {service.key: service for service in SERVICES}


def test_keys_and_names_are_unique() -> None:
    for things in (SERVICES, CUSTOMERS):
        assert len({thing.key for thing in things}) == len(things)
        assert len({thing.name for thing in things}) == len(things)


def test_services_depend_only_on_others_that_exist() -> None:
    for service in SERVICES:
        assert set(service.depends_on) <= BY_KEY.keys() - {service.key}, service.key


def test_every_tier_is_used_and_the_graph_has_one_root() -> None:
    assert {service.tier for service in SERVICES} == {1, 2, 3}
    assert [service.key for service in SERVICES if not service.depends_on] == ["network"]
