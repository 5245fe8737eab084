"""Fresh simulations of data structures: a double-ended queue, a binary heap, a cache of the least recently used."""

import random

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say


def double_ended(rng: random.Random) -> Draft:
    """A deque under pushes, pops and rotations."""
    start = [rng.randint(0, 30) for _ in range(rng.randint(2, 4))]
    size, ops = len(start), []
    for _ in range(rng.randint(5, 8)):
        op = rng.choice(("append", "appendleft", "pop", "popleft", "rotate") if size > 1 else ("append", "appendleft"))
        size += {"append": 1, "appendleft": 1, "rotate": 0}.get(op, -1)
        value = rng.randint(-2, 3) if op == "rotate" else rng.randint(0, 30)
        ops.append((op, value if op in {"append", "appendleft", "rotate"} else None))
    lines = [f"d.{op}({'' if value is None else value})" for op, value in ops]
    code = "\n".join(["from collections import deque", f"d = deque({start})", *lines]) + "\n"

    def solve(say: Say) -> list[int]:
        now = list(start)
        for (op, value), line in zip(ops, lines, strict=True):
            now = say(_after(now, op, value), f"{now} after {line} is")
        return now

    return Draft(question="list(d)", given={"code": code}, solve=solve, kind="literal", context=code)


def _after(now: list[int], op: str, value: int | None) -> list[int]:
    if value is None:
        return now[:-1] if op == "pop" else now[1:]
    if op == "rotate":
        turn = -value % len(now) if now else 0
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
    return Draft(question="h", given={"code": code}, solve=solve, kind="literal", context=code, source=source)


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
    """Keys of a cache that drops the least recently used one."""
    capacity = rng.randint(2, 4)
    keys = rng.sample("abcdefghjkmnpqrstuvwxyz", capacity + 2)
    ops = [(rng.choice(("put", "put", "get")), rng.choice(keys)) for _ in range(rng.randint(7, 10))]
    told = ", ".join(f"{op} {key}" for op, key in ops)

    def solve(say: Say) -> list[str]:
        now: list[str] = []
        for op, key in ops:
            now = say(_used(now, op, key, capacity), f"{now} after {op} {key} is")
        return now

    asked = (
        f"A cache holds at most {capacity} keys. A get of a key that it holds, and every put, make the key the most "
        "recently used one; a get of a missing key does nothing; a put of a new key into a full cache first drops the "
        f"least recently used key. It starts empty and sees: {told}. Which keys does it hold at the end, from the least "
        "to the most recently used? Answer with a Python list of strings."
    )
    return Draft(question=asked, given={"capacity": capacity, "ops": ops}, solve=solve, kind="literal")


def _used(now: list[str], op: str, key: str, capacity: int) -> list[str]:
    if key in now:
        return [k for k in now if k != key] + [key]
    return now if op == "get" else [*now, key][-capacity:]
