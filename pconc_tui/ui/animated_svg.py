"""Joins screenshots into one animated SVG image, without a script.

What never changes is drawn once. Cells side by side in a row that change are a *patch*: its versions stand above one
another like the pictures of a film strip, behind a window as large as the patch, and CSS moves the strip by one or more
versions whenever the patch changes. For the three screenshots

    cores busy 1.00       cores busy 0.98       cores busy 1.00

the patch is the four cells of the figure, with two versions, and its strip is at 0, at -30 and at 0 again. Where a
person wants no motion (`prefers-reduced-motion`) strips stay at their first version: that of the still screenshot.
A row is cut into patches so that cells which change often are not drawn together with those that change once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pconc_tui.ui.svg_cells import BLANK, CELL, Row, Screenshot
from pconc_tui.ui.svg_rows import BASELINE, H, Styles, W, drawn, number, pieces

MAX_BYTES = 300_000
MAX_S = 15
FONT_SIZE = 16.4
STEP = 30
"""From one version of a strip to the next, in units of the image: glyphs may be taller than a row."""
PATCH_BYTES, VERSION_BYTES, PIECE_BYTES = 150, 70, 45
"""About how many bytes a patch, one version of it, and one piece of a version take."""


@dataclass(frozen=True)
class Patch:
    """Cells of a row that change, and what they show."""

    row: int
    column: int
    width: int
    versions: tuple[Row, ...]
    shown: tuple[int, ...]
    """The index of the version in each of the screenshots."""


def fitted(screenshots: Sequence[Screenshot], fps: float, still: int) -> str:
    """The animated image with as many of the screenshots a second as fit into MAX_BYTES."""
    step = 1
    while True:
        taken = screenshots[::step]
        image = animated(taken, fps / step, still // step)
        if len(image.encode()) <= MAX_BYTES or len(taken) < 4:
            return image
        step += 1


def animated(screenshots: Sequence[Screenshot], fps: float, still: int) -> str:
    """The image that shows the screenshots one after another, for ever; `still` is the index of that without motion.

    The screenshots have one size; ValueError otherwise.
    """
    if len({(each.size, each.origin) for each in screenshots}) != 1:
        raise ValueError("the screenshots have different sizes")
    first = screenshots[still]
    styles, base = Styles(), _base_background(first)
    rows = [list(row) for row in first.rows]
    moves: dict[tuple[int, ...], str] = {}
    strips = ""
    for at in range(len(rows)):
        for patch in patches_of(at, screenshots, still):
            rows[at][patch.column : patch.column + patch.width] = [BLANK._replace(background=base)] * patch.width
            name = moves.setdefault(patch.shown, f"m{len(moves)}")
            strip = "".join(_placed(version, step * STEP, base, styles) for step, version in enumerate(patch.versions))
            place = f'x="{patch.column * W}" y="{at * H}" width="{patch.width * W}" height="{H}"'
            strips += f'<svg {place}><g class="{name}">{strip}</g></svg>'
    body = "".join(_placed(tuple(row), at * H, base, styles) for at, row in enumerate(rows)) + strips
    return _document(first, body, base, _sheet(styles, moves, len(screenshots) / fps))


def patches_of(row: int, screenshots: Sequence[Screenshot], still: int) -> Iterator[Patch]:
    """The patches of a row; the version of the `still` screenshot is their first."""
    rows = [each.rows[row] for each in screenshots]
    for start, end in _cut(rows):
        shown = [each[start:end] for each in rows]
        versions = tuple(dict.fromkeys([shown[still], *shown]))
        if len(versions) > 1:
            index = {version: at for at, version in enumerate(versions)}
            yield Patch(row, start, end - start, versions, tuple(index[each] for each in shown))


def _cut(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Ranges of columns that together take the fewest bytes: the shortest path over all places to cut at."""
    distinct = list(dict.fromkeys(rows))
    if len(distinct) == 1:
        return []
    changes = [_numbered(cells) for cells in zip(*distinct, strict=True)]
    edges = [0, *(at for at in range(1, len(changes)) if changes[at] != changes[at - 1]), len(changes)]
    sums = [_pieces_before(row) for row in distinct]
    best: list[tuple[float, int]] = [(0, 0)]
    for to in range(1, len(edges)):
        versions: tuple[int, ...] = (0,) * len(distinct)
        choices = []
        for at in range(to - 1, -1, -1):
            start, end = edges[at], edges[to]
            versions = _numbered(zip(versions, changes[start], strict=True))
            counts = dict(zip(versions, (each[end] - each[start] for each in sums), strict=True))
            cost = sum(VERSION_BYTES + PIECE_BYTES * (1 + count) + end - start for count in counts.values())
            choices.append((best[at][0] + cost + (PATCH_BYTES if len(counts) > 1 else 0), at))
        best.append(min(choices))
    ranges, to = [], len(edges) - 1
    while to:
        at = best[to][1]
        ranges.append((edges[at], edges[to]))
        to = at
    return ranges[::-1]


def _numbered(values: Iterable[Hashable]) -> tuple[int, ...]:
    """The values as numbers: equal ones have the same."""
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(value, len(numbers)) for value in values)


def _pieces_before(row: Row) -> tuple[int, ...]:
    """For each column, how many pieces begin before it."""
    columns = {column for column, _, _ in pieces(row)}
    sums = [0]
    for column in range(len(row)):
        sums.append(sums[-1] + (column in columns))
    return tuple(sums)


def _base_background(screenshot: Screenshot) -> str:
    """The most frequent background, which is drawn once behind everything."""
    colours = [cell.background for row in screenshot.rows for cell in row]
    return max(set(colours), key=colours.count)


def _placed(row: Row, top: int, base: str, styles: Styles) -> str:
    """The row with its top there."""
    content = drawn(row, base, styles)
    return content and f'<g transform="translate(0 {top + BASELINE})">{content}</g>'


def _sheet(styles: Styles, moves: dict[tuple[int, ...], str], seconds: float) -> str:
    rules = [f".{name}{{{css}}}" for css, name in styles.names.items()]
    for shown, name in moves.items():
        changes = [at for at, version in enumerate(shown) if at == 0 or version != shown[at - 1]]
        steps = "".join(
            f"{number(100 * at / len(shown))}%{{transform:translateY({-shown[at] * STEP}px)}}" for at in changes
        )
        rules.append(f"@keyframes {name}{{{steps}}}.{name}{{animation-name:{name}}}")
    rules.append(f"svg>g{{animation:{number(seconds)}s step-end infinite}}" if moves else "")
    rules.append("@media (prefers-reduced-motion:reduce){svg>g{animation:none!important}}")
    return "".join(rules)


def _document(first: Screenshot, body: str, base: str, sheet: str) -> str:
    width, height = first.size
    columns, rows = len(first.rows[0]), len(first.rows)
    scale = f"translate({number(first.origin[0])} {number(first.origin[1])}) scale({CELL[0] / W:g})"
    background = f'<path fill="{base}" d="M0 0h{columns * W}v{rows * H}h-{columns * W}z"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}">'
        f"<style>text{{white-space:pre}}{sheet}</style>{first.chrome}"
        f'<g transform="{scale}" font-family="Fira Code,monospace" font-size="{FONT_SIZE}"'
        f' shape-rendering="crispEdges">{background}{body}</g></svg>\n'
    )
