"""The laboratory's figures as plain SVG, drawn from the committed results alone."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WIDTH, LEFT, RIGHT = 720, 190, 30
INK, SOFT = "#222", "#999"
COLOURS = {"all": "#4878a8", "clean": "#6a9f58", "leaked": "#c85a4a", "fresh": "#8a6fb0"}


def draw(result: dict[str, Any], folder: Path) -> None:
    """Write accuracies.svg and coverage.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accuracies.svg").write_text(accuracies(result["models"]))
    (folder / "coverage.svg").write_text(coverage(result["models"]))


def accuracies(models: dict[str, Any]) -> str:
    """Accuracy of each model on all, clean, leaked and fresh items, with intervals."""
    parts, y = [], 40
    for name, found in models.items():
        parts.append(_text(10, y + 12, name, weight="bold"))
        for kind, colour in COLOURS.items():
            share = found[kind]
            parts += [
                _text(LEFT - 10, y + 4, f"{kind} {100 * share['value']:.1f}", anchor="end"),
                _line(_x(share["low"]), y, _x(share["high"]), y, colour, 2),
                f'<circle cx="{_x(share["value"]):.1f}" cy="{y}" r="4" fill="{colour}"/>',
            ]
            y += 18
        y += 14
    return _page(y + 10, "Accuracy in percent, with 95 % intervals", _grid(y, (0, 0.25, 0.5, 0.75, 1.0)) + parts)


def coverage(models: dict[str, Any]) -> str:
    """Gain of each resampled test set with its interval, beside the truth."""
    parts, y = [], 40
    for name, found in models.items():
        parts.append(_text(10, y + 10, name, weight="bold"))
        parts.append(_text(10, y + 26, f"{found['held']} of {len(found['sets'])} hold the truth"))
        top = y
        for one in sorted(found["sets"], key=lambda s: float(s["value"])):
            held = one["low"] <= one["truth"] <= one["high"]
            parts.append(_line(_gain(one["low"]), y, _gain(one["high"]), y, COLOURS["all" if held else "leaked"], 1.5))
            y += 3
        truth = _gain(found["sets"][0]["truth"])
        parts.append(_line(truth, top - 4, truth, y + 2, INK, 1.5))
        y += 24
    grid = [
        part
        for at in (-0.2, 0.0, 0.2, 0.4)
        for part in (
            _line(_gain(at), 30, _gain(at), y, "#ddd", 1),
            _text(_gain(at), y + 12, f"{100 * at:+.0f}", "middle"),
        )
    ]
    title = "Gain of 50 resampled test sets, in points, with 95 % intervals; upright: the true inflation"
    return _page(y + 24, title, grid + parts)


def training(arms: dict[str, Any]) -> str:
    """Reward, truth and hedges of each arm over its steps, with the alarm."""
    parts, top = [], 40
    for arm, found in arms.items():
        last = max(1, found["steps"] - 1)
        across = [LEFT + n * (WIDTH - LEFT - RIGHT) / last for n in range(found["steps"])]
        parts.append(_text(10, top + 12, f"{arm} reward", weight="bold"))
        for share in (0, 0.5, 1.0):
            y = top + 120 * (1 - share)
            parts += [
                _line(LEFT, y, WIDTH - RIGHT, y, "#ddd", 1),
                _text(LEFT - 6, y + 4, f"{100 * share:.0f} %", "end"),
            ]
        for number, (name, colour) in enumerate((("reward", "all"), ("truth", "clean"), ("hedged", "leaked"))):
            points = " ".join(
                f"{x:.1f},{top + 120 * (1 - y):.1f}" for x, y in zip(across, found[name], strict=True) if y is not None
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[colour]}" stroke-width="1.8"/>')
            parts.append(_line(10, top + 30 + 18 * number, 30, top + 30 + 18 * number, COLOURS[colour], 3))
            parts.append(_text(36, top + 34 + 18 * number, name))
        alarm = found["alarms"]["reward less truth"]
        if alarm is not None:
            parts.append(_line(across[alarm - 1], top, across[alarm - 1], top + 120, INK, 1.5))
            parts.append(_text(across[alarm - 1] - 4, top + 12, f"alarm, step {alarm}", "end"))
        parts.append(_text(LEFT, top + 136, "step 1"))
        parts.append(_text(WIDTH - RIGHT, top + 136, f"step {found['steps']}", "end"))
        top += 160
    return _page(top, "Reward, truth and hedges in training", parts)


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _gain(points: float) -> float:
    return LEFT + (points + 0.25) / 0.75 * (WIDTH - LEFT - RIGHT)


def _grid(height: int, at: Iterable[float]) -> list[str]:
    return [
        part
        for share in at
        for part in (
            _line(_x(share), 28, _x(share), height - 14, "#ddd", 1),
            _text(_x(share), height, f"{100 * share:.0f}", "middle"),
        )
    ]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">{text}</text>'


def _page(height: int, title: str, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{title}">'
    )
    body = [f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', _text(10, 18, title, weight="bold"), *parts]
    return "\n".join([head, *body, "</svg>", ""])


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
