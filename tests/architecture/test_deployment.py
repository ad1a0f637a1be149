"""What is deployed: composed of our own settings, with no password that everybody knows."""

import re
from typing import Final

import pytest

from im.settings import KEYS
from tests.architecture.tree import ROOT

_COMPOSE: Final = (ROOT / "docker-compose.yml").read_text("utf-8")
_DOCKERFILE: Final = (ROOT / "Dockerfile").read_text("utf-8")
_VARIABLE: Final = re.compile(r"\$\{([A-Z_]+)([^}]*)\}")


def _services() -> set[str]:
    _, _, block = _COMPOSE.partition("\nservices:\n")
    block, _, _ = block.partition("\nvolumes:\n")
    return set(re.findall(r"^  ([a-z]+):$", block, re.MULTILINE))


def test_the_services_are_those_of_the_product() -> None:
    assert _services() == {"migrate", "api", "worker", "postgres", "valkey"}


def test_each_variable_is_a_setting() -> None:
    assert {name for name, _ in _VARIABLE.findall(_COMPOSE)} <= set(KEYS)
    image = set(re.findall(r"\b([A-Z_]{4,})=", _DOCKERFILE))
    assert image - {"PATH", "PYTHONUNBUFFERED"} <= set(KEYS) | {
        "PIP_NO_CACHE_DIR",
        "PIP_DISABLE_PIP_VERSION_CHECK",
    }


@pytest.mark.parametrize("secret", ["DB_PASSWORD", "CREDENTIAL_KEYS"])
def test_a_secret_has_no_default(secret: str) -> None:
    forms = {rest for name, rest in _VARIABLE.findall(_COMPOSE) if name == secret}
    assert forms == {f":?set {secret}"}


def test_the_image_installs_by_hash_and_runs_as_an_unprivileged_user() -> None:
    requirements = re.findall(r"pip install (.*-r .*)", _DOCKERFILE)
    assert len(requirements) == 2
    assert all(line.startswith("--require-hashes") for line in requirements)
    assert re.search(r"^USER watchpane$", _DOCKERFILE, re.MULTILINE)
