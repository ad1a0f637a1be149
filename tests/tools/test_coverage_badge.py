"""The coverage badge: right, and still when nothing moved."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tools.coverage_badge import badge, update


def _report(folder: Path, percent: float) -> Path:
    path = folder / "report.json"
    path.write_text(json.dumps({"totals": {"percent_covered": percent}}))
    return path


@pytest.mark.parametrize("percent", [0, 74, 75, 90, 100])
def test_a_badge_is_a_picture_that_says_its_value(percent: int) -> None:
    picture = ET.fromstring(badge(percent))  # noqa: S314 — written by us, one line above
    assert picture.attrib["aria-label"] == f"coverage: {percent}%"
    assert f"{percent}%" in "".join(picture.itertext())


def test_a_badge_is_written_only_when_the_whole_percentage_moved(tmp_path: Path) -> None:
    target = tmp_path / "docs" / "coverage.svg"
    assert update(_report(tmp_path, 91.2), target)
    assert not update(_report(tmp_path, 91.9), target)
    assert 'aria-label="coverage: 91%"' in target.read_text()
    assert update(_report(tmp_path, 92.0), target)
    assert 'aria-label="coverage: 92%"' in target.read_text()
