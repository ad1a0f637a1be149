"""Writes the coverage badge: ``coverage_badge.py REPORT.json BADGE.svg``.

The badge is committed. It is written anew only when the whole percentage has
moved by a point or more, so that a test run leaves the tree as it found it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Final

# Least percentage for a colour; from the best down.
_COLOURS: Final = ((90, "#2e7d32"), (75, "#9a6700"), (0, "#b3261e"))
_VALUE: Final = re.compile(r'aria-label="coverage: (\d+)%"')


def badge(percent: int) -> str:
    """Return the picture for a whole percentage."""
    colour = next(colour for least, colour in _COLOURS if percent >= least)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="104" height="20" role="img"'
        f' aria-label="coverage: {percent}%">\n'
        f'<rect width="64" height="20" fill="#444"/>\n'
        f'<rect x="64" width="40" height="20" fill="{colour}"/>\n'
        f'<g fill="#fff" font-family="Verdana,sans-serif" font-size="11" text-anchor="middle">\n'
        f'<text x="32" y="14">coverage</text><text x="84" y="14">{percent}%</text>\n'
        f"</g>\n</svg>\n"
    )


def update(report: Path, target: Path) -> bool:
    """Write the badge when its value moved; tell whether it did."""
    percent = int(json.loads(report.read_bytes())["totals"]["percent_covered"])
    shown = _VALUE.search(target.read_text(encoding="utf-8")) if target.exists() else None
    if shown is not None and int(shown[1]) == percent:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(badge(percent), encoding="utf-8")
    return True


if __name__ == "__main__":
    update(Path(sys.argv[1]), Path(sys.argv[2]))
