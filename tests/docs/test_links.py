import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.documents import ROOT, documents, prose

_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _targets(document: Path) -> list[str]:
    found = _LINK.findall(prose(document))
    return [target for target in found if not target.startswith(("https://", "http://"))]


def _anchors(document: Path) -> set[str]:
    words = (heading.lower() for heading in _HEADING.findall(prose(document)))
    return {re.sub(r"[^\w\- ]", "", word).replace(" ", "-") for word in words}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_what_is_there(document: Path) -> None:
    broken = []
    for target in _targets(document):
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_document_is_found_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in _targets(index)}
    expected = set(documents()) - {index, ROOT / "README.md"}
    assert expected - linked == set()


def test_the_readme_leads_to_the_index() -> None:
    assert "docs/README.md" in _targets(ROOT / "README.md")


def test_a_word_of_a_heading_is_an_anchor() -> None:
    health = ROOT / "docs" / "reference" / "health.md"
    assert "exit-status" in _anchors(health)
    assert "no-such-heading" not in _anchors(health)
