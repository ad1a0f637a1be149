"""``im sla`` looks at files and seals them, and leaves a bad one as it is."""

from pathlib import Path

import pytest

from domain.sla.policy import version_of
from im.processes.sla import check, seal
from im.refusal import StartRefusedError
from operations.sla.policy_text import read_policy, sealed
from policies import __file__ as policies
from tests.operations.sla.written import TEXT, WHOLE

VERSION = version_of(read_policy(WHOLE))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


def test_a_good_file_is_told_with_its_version(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(path)
    assert capsys.readouterr().out == f"{path} is good: version {VERSION}\n"


def test_a_calendar_that_never_opens_is_told(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(TEXT.replace("weekly: {", "weekly: {} # {"))
    check(path)
    assert "the calendar berlin does not open any more" in capsys.readouterr().out


def test_a_bad_file_is_told_with_its_place(path: Path) -> None:
    path.write_bytes(WHOLE.replace(b"pause_on", b"pause"))
    for verb in (check, seal):
        with pytest.raises(
            StartRefusedError, match=r'yaml: line 13, column 3: .* no "pause"'
        ) as no:
            verb(path)
        assert no.value.exit_code == 1
    assert path.read_bytes() == WHOLE.replace(b"pause_on", b"pause")


def test_a_sealed_file_means_the_same_and_shows_any_other_byte(path: Path) -> None:
    path.chmod(0o640)
    seal(path)
    assert path.read_bytes() == sealed(WHOLE)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    check(path)
    path.write_bytes(path.read_bytes().replace(b"0.85", b"0.86"))
    with pytest.raises(StartRefusedError, match="the hash is not that of the lines above"):
        check(path)
    # sealing is how one says that the lines are right
    seal(path)
    assert read_policy(path.read_bytes()).alert_at * 100 == 86


def test_what_a_link_leads_to_is_sealed_and_the_link_stays(path: Path) -> None:
    link = path.with_name("link.yaml")
    link.symlink_to(path)
    seal(link)
    assert link.is_symlink()
    assert path.read_bytes() == sealed(WHOLE)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartRefusedError, match="No such file"):
        check(tmp_path / "gone.yaml")


def test_the_packaged_file_is_that_of_the_checkout() -> None:
    assert (Path(policies).parent / "sla_config.yaml").read_bytes() == WHOLE
