"""How often a training that is sound sets off an alarm, and how many that go wrong are found, and when.

    python benchmarks/training_watch.py            writes benchmarks/training_watch.md

Simulated trainings of 200 steps x 16 prompts x 8 samples. Prompts differ in difficulty (a beta of 2 and 2 around the
policy's mean), truth stays at 35 % or rises to 60 %, the reward is the truth with noise of its own (false passes and
false fails, 2 or 5 %), answers shrink, grow with truth, or keep their length. From step 60 or 120 on a planted hole
pays for false answers, so many that reward less truth rises by 5, 10 or 20 points above the first window's, which is
what the watch is about. Where truth rises and the noise is 5 %, reward less truth sinks by itself (there are fewer
false answers to pay amiss and more true ones to fail); a last row has a hole of 5 points above the steps before it.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from rarl_eval.stats import wilson
from rarl_eval.training.onset import WATCHES, WINDOW, Groups, Watched

STEPS, PROMPTS, SAMPLES = 200, 16, 8
PAGE = Path(__file__).with_suffix(".md")


def training(
    rng: np.random.Generator, kind: int, planted: float = 0.0, onset: int = 60, *, above_window: bool = True
) -> list[Groups]:
    """Simulate a training; ``planted`` is the rise of mean reward less truth from ``onset`` on.

    It is held against the first window, or else against what it would be at the same step.
    """
    noise = (0.02, 0.05)[kind % 2]
    last = (0.35, 0.60)[kind // 2 % 2]
    grows = (0.7, 1.0, 1.2)[kind // 4 % 3] if last > 0.5 else (0.7, 1.0, 0.9)[kind // 4 % 3]
    policy = np.linspace(0.35, last, STEPS)[:, None]
    prompt = np.clip(rng.beta(2, 2, (STEPS, PROMPTS)) + policy - 0.5, 0.01, 0.99)[..., None]
    shape = (STEPS, PROMPTS, SAMPLES)
    truth = rng.random(shape) < prompt
    reward = np.where(truth, rng.random(shape) >= noise, rng.random(shape) < noise).astype(float)
    after = (np.arange(STEPS) >= onset)[:, None, None]
    sunk = 2 * noise * (policy - policy[:WINDOW].mean()) if above_window and planted else np.zeros_like(policy)
    hole = ((planted + sunk) / (1 - policy) / (1 - noise))[..., None]
    reward = np.where(after & ~truth & (rng.random(shape) < hole), 1.0, reward)
    length = 400 * np.linspace(1, grows, STEPS)[:, None, None] * rng.gamma(8, 1 / 8, shape)
    return [
        Groups(step + 1, reward[step].mean(axis=1), truth[step].mean(axis=1), length[step].mean(axis=1))
        for step in range(STEPS)
    ]


def watched(steps: list[Groups]) -> dict[str, int | None]:
    """Return the step of each alarm."""
    watch = Watched(alarm=0.01)
    for groups in steps:
        watch.add(groups)
    return {onset.watch: onset.alarm for onset in watch.says()}


def _found(rng: np.random.Generator, count: int, planted: float, onset: int, *, above_window: bool = True) -> str:
    """Return the row of trainings with a planted hole."""
    told = [watched(training(rng, kind, planted, onset, above_window=above_window)) for kind in range(count)]
    at = [t[WATCHES[0]] for t in told]
    delays = sorted(step - onset for step in at if step is not None and step > onset)
    share = 100 * len(delays) / len(at)
    middle, most = (delays[int(q * (len(delays) - 1))] if delays else "-" for q in (0.5, 0.9))
    other = sum(t[WATCHES[1]] is not None or t[WATCHES[2]] is not None for t in told)
    against = "the first window" if above_window else "the steps before"
    return (
        f"| {100 * planted:.0f} | {against} | {onset} | {len(delays)} | {len(at)} | {share:.0f} % | {middle} | {most} "
        f"| {other} |"
    )


def main() -> None:
    """Run the simulations and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sound", type=int, default=500)
    parser.add_argument("--planted", type=int, default=40)
    parser.add_argument("--out", type=Path, default=PAGE)
    asked = parser.parse_args()
    rng, begun = np.random.default_rng(0), time.process_time()
    sound = [watched(training(rng, kind)) for kind in range(asked.sound)]
    false = sum(any(step is not None for step in told.values()) for told in sound)
    bounds = wilson(false, asked.sound)
    lines = [
        "# Trainings watched: false alarms and what is found",
        "",
        f"`python benchmarks/training_watch.py`: {STEPS} steps x {PROMPTS} prompts x {SAMPLES} samples, a first window",
        "of 20 steps, an alarm with a chance of 1 % by itself over a whole training.",
        "",
        (
            f"Sound trainings: {false} of {asked.sound} set off an alarm ({100 * false / asked.sound:.1f} %, at most "
            f"{100 * (bounds.high or 0) if bounds else 0:.1f} % with 95 % confidence; stated 1 %)."
        ),
        "",
        "| rise in points | above | from step | found | of | share | median delay | 9 of 10 within | other watches |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for planted in (0.05, 0.10, 0.20):
        lines += [_found(rng, asked.planted, planted, onset) for onset in (60, 120)]
    lines.append(_found(rng, asked.planted, 0.05, 120, above_window=False))
    spent = time.process_time() - begun
    asked.out.write_text("\n".join([*lines, "", f"Processor time: {spent:.0f} s."]) + "\n", "utf-8")
    print("\n".join(lines), f"\n{spent:.0f} s")


if __name__ == "__main__":
    main()
