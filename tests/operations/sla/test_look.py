"""A file is believed when it has come to rest, and told of once."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Unavailable
from operations.sla import look as looks
from operations.sla.look import PACKAGED, PolicySource, Watch, at_rest, look
from operations.sla.policy_text import LARGEST
from tests.operations.sla.written import WHOLE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
def watch(path: Path) -> Watch:
    return Watch(PolicySource(path=path))


def test_a_file_is_told_by_the_second_look_that_sees_it_alike(watch: Watch, path: Path) -> None:
    assert watch.look() is None
    seen = watch.look()
    assert seen is not None
    assert (seen.name, seen.content) == (str(path), WHOLE)


def test_what_was_dealt_with_is_not_told_again_and_all_else_is(watch: Watch, path: Path) -> None:
    watch.look()
    seen = watch.look()
    assert seen is not None
    # as long as nobody has dealt with it, it is told at each look
    assert watch.look() == seen
    watch.done(seen)
    assert watch.look() is None
    # touched, but the same
    os.utime(path, (1, 1))
    assert [watch.look(), watch.look()] == [None, None]
    path.write_bytes(b"other")
    assert watch.look() is None
    other = watch.look()
    assert other is not None
    watch.done(other)
    # what it was before is news again
    path.write_bytes(WHOLE)
    assert watch.look() is None
    assert watch.look() == looks.look(PolicySource(path=path))


def test_a_file_that_grows_between_two_looks_is_not_told(watch: Watch, path: Path) -> None:
    path.write_bytes(b"")
    for size in range(5):
        path.write_bytes(WHOLE[: 10 * size])
        assert watch.look() is None
    assert watch.look() is not None


def test_a_file_that_is_replaced_by_an_equal_one_has_moved(watch: Watch, path: Path) -> None:
    watch.look()
    draft = path.with_suffix(".draft")
    draft.write_bytes(WHOLE)
    draft.replace(path)
    assert watch.look() is None
    assert watch.look() is not None


def test_other_content_is_seen_where_size_and_times_are_the_same(watch: Watch, path: Path) -> None:
    os.utime(path, (1, 1))
    watch.look()
    seen = watch.look()
    assert seen is not None
    watch.done(seen)
    with path.open("r+b") as file:
        file.write(b"!")
    os.utime(path, (1, 1))
    assert watch.look() is None
    assert watch.look() is not None


def test_what_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    gone = look(PolicySource(path=tmp_path / "gone.yaml"))
    assert gone.fault is not None
    assert "gone.yaml cannot be read (No such file or directory)" in gone.fault
    folder = look(PolicySource(path=tmp_path))
    assert folder.fault is not None
    assert "cannot be read (Is a directory)" in folder.fault
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    stuck = look(PolicySource(path=pipe))
    assert stuck.fault is not None
    assert "is no file" in stuck.fault


def test_of_a_file_that_is_too_long_no_more_is_read_than_shows_it(path: Path) -> None:
    path.write_bytes(b"#" * 3 * LARGEST)
    assert len(look(PolicySource(path=path)).content) == LARGEST + 1


def test_the_packaged_file_is_looked_at_while_there_is_no_other(tmp_path: Path, path: Path) -> None:
    source = PolicySource(path=tmp_path / "mine.yaml", spare=path)
    assert (look(source).name, look(source).content) == (PACKAGED, WHOLE)
    # a link that leads nowhere is somebody's mistake, not the absence of a file
    source.path.symlink_to(tmp_path / "nowhere")
    assert look(source).fault is not None
    source.path.unlink()
    source.path.write_bytes(b"mine")
    assert look(source).content == b"mine"


def test_that_ones_own_file_is_gone_is_news_even_if_the_packaged_one_is_equal(path: Path) -> None:
    spare = path.with_name("packaged.yaml")
    spare.write_bytes(WHOLE)
    watch = Watch(PolicySource(path=path, spare=spare))
    watch.look()
    seen = watch.look()
    assert seen is not None
    watch.done(seen)
    path.unlink()
    assert watch.look() is None
    packaged = watch.look()
    assert packaged is not None
    assert (packaged.name, packaged.digest) == (PACKAGED, seen.digest)


async def test_a_file_that_is_written_all_the_time_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = PolicySource(path=path, rest=timedelta(0))
    assert (await at_rest(source)).content == WHOLE
    sizes = iter(range(1_000))

    def grown(_: PolicySource) -> looks.Seen:
        path.write_bytes(b"#" * next(sizes))
        return look(source)

    monkeypatch.setattr(looks, "look", grown)
    with pytest.raises(Unavailable, match="written all the time"):
        await at_rest(source)
