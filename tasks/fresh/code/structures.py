"""Fresh simulations of data structures: a double-ended queue, a binary heap, a cache of the least recently used."""

import random
from collections.abc import Sequence

from rarl_eval.tasks.fresh.code.asking import value_of
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say


def double_ended(rng: random.Random) -> Draft:
    """A deque under pushes, pops and rotations."""
    start = [rng.randint(0, 30) for _ in range(rng.randint(2, 4))]
    size = len(start)
    ops: list[tuple[str, int | None]] = []
    for _ in range(rng.randint(5, 8)):
        op = rng.choice(("append", "appendleft", "pop", "popleft", "rotate") if size > 1 else ("append", "appendleft"))
        turns = [n for n in range(-4, 5) if n % size]
        value = rng.choice(turns) if op == "rotate" else None if op.startswith("pop") else rng.randint(0, 30)
        size += {"append": 1, "appendleft": 1, "rotate": 0}.get(op, -1)
        ops.append((op, value))
    lines = [f"d.{op}({'' if value is None else value})" for op, value in ops]
    code = "\n".join(["from collections import deque", f"d = deque({start})", *lines]) + "\n"

    def solve(say: Say) -> list[int]:
        now = list(start)
        for (op, value), line in zip(ops, lines, strict=True):
            now = say(_after(now, op, value), f"{now} after {line} is")
        return now

    return value_of(code, "list(d)", solve)


def _after(now: list[int], op: str, value: int | None) -> list[int]:
    if value is None:
        return now[:-1] if op == "pop" else now[1:]
    if op == "rotate":
        turn = -value % len(now)
        return now[turn:] + now[:turn]
    return [*now, value] if op == "append" else [value, *now]


def heap(rng: random.Random) -> Draft:
    """A binary min-heap in an array, sifted up and down as Williams and Floyd did."""
    values = rng.sample(range(1, 60), rng.randint(5, 7))
    ops: list[int | None] = list(values)
    for _ in range(rng.randint(1, 2)):
        ops.insert(rng.randint(3, len(ops)), None)
    if ops[-1] is None and ops[-2] is None:
        raise Redraw
    lines = ["heappop(h)" if value is None else f"heappush(h, {value})" for value in ops]
    code = "\n".join(["from heapq import heappop, heappush", "h = []", *lines]) + "\n"

    def solve(say: Say) -> list[int]:
        now: list[int] = []
        for value, line in zip(ops, lines, strict=True):
            now = say(_popped(now) if value is None else _pushed(now, value), f"{now} after {line} is")
        return now

    source = "Williams 1964, Algorithm 232: Heapsort, CACM 7(6)"
    return value_of(code, "h", solve, source=source)


def _pushed(heap: list[int], value: int) -> list[int]:
    now, place = [*heap, value], len(heap)
    while place and now[(place - 1) // 2] > now[place]:
        up = (place - 1) // 2
        now[up], now[place] = now[place], now[up]
        place = up
    return now


def _popped(heap: list[int]) -> list[int]:
    now, place = [heap[-1], *heap[1:-1]] if len(heap) > 1 else [], 0
    while 2 * place + 1 < len(now):
        down = min((p for p in (2 * place + 1, 2 * place + 2) if p < len(now)), key=now.__getitem__)
        if now[place] <= now[down]:
            break
        now[place], now[down] = now[down], now[place]
        place = down
    return now


def least_recent(rng: random.Random) -> Draft:
    """Keys of a cache that drops the least recently used one, at least once, and has at least one hit."""
    capacity = rng.randint(2, 4)
    keys = rng.sample("abcdefghjkmnpqrstuvwxyz", capacity + 2)
    ops = [(rng.choice(("put", "put", "get")), rng.choice(keys)) for _ in range(rng.randint(7, 10))]
    told = ", ".join(f"{op} {key}" for op, key in ops)
    hits, drops = _seen(ops, capacity)
    if not hits or not drops:
        raise Redraw

    def solve(say: Say) -> list[str]:
        now: list[str] = []
        for op, key in ops:
            now = say(_used(now, op, key, capacity), f"{now} after {op} {key} is")
        return now

    rules = (
        f"A cache holds at most {capacity} keys. A get of a key that it holds, and every put, make the key the most "
        "recently used one; a get of a missing key does nothing; a put of a new key into a full cache first drops the "
        "least recently used key."
    )
    order = "from the least to the most recently used? Answer with a Python list of strings."
    asked = f"{rules} It starts empty and sees: {told}. Which keys does it hold at the end, {order}"
    again = f"These requests reach an empty cache one after the other: {told}. {rules} What are its keys then, {order}"
    given = {"capacity": capacity, "ops": ops}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="literal")


def _seen(ops: Sequence[tuple[str, str]], capacity: int) -> tuple[int, int]:
    """Count requests of keys that are held, and keys that are dropped."""
    now: list[str] = []
    hits = drops = 0
    for op, key in ops:
        after = _used(now, op, key, capacity)
        hits += key in now
        drops += len(set(now) - set(after))
        now = after
    return hits, drops


def _used(now: list[str], op: str, key: str, capacity: int) -> list[str]:
    if key in now:
        return [k for k in now if k != key] + [key]
    return now if op == "get" else [*now, key][-capacity:]
