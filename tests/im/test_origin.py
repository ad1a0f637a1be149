"""What is installed under our names must be ours."""

from importlib import invalidate_caches
from pathlib import Path

import pytest

from im.origin import PACKAGES, check
from im.refusal import StartRefusedError


def test_our_own_packages_pass() -> None:
    check(PACKAGES)


@pytest.mark.parametrize("content", ["", '"""A GraphQL client."""\n', "'''Watchpane: '''"])
def test_somebody_elses_package_is_refused_with_its_file(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "intruder"
    package.mkdir()
    (package / "__init__.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    with pytest.raises(StartRefusedError) as refused:
        check(["domain", "intruder"])
    assert str(package / "__init__.py") in str(refused.value)
    assert refused.value.exit_code == 70


def test_a_missing_package_is_refused() -> None:
    with pytest.raises(StartRefusedError, match='"absent_package" is missing'):
        check(["absent_package"])


def test_a_folder_without_an_init_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hollow").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    with pytest.raises(StartRefusedError, match='"hollow" is missing'):
        check(["hollow"])
