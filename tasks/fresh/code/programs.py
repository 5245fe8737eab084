"""Fresh longer programs to trace: a small stack machine, a robot on a grid, a ledger of orders.

The rules that work a program out are written apart from its text, so that running the text checks both.
"""

import random
from typing import Any

from rarl_eval.tasks.fresh.code.asking import value_of
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

_MACHINE = """\
def run(program, stack):
    for op, n in program:
        if op == 'push':
            stack.append(n)
        elif op == 'dup':
            stack.append(stack[-1])
        elif op == 'swap':
            stack[-1], stack[-2] = stack[-2], stack[-1]
        elif op == 'add':
            stack.append(stack.pop() + stack.pop() + {extra})
        elif op == 'sub':
            top = stack.pop()
            stack.append({turned})
        elif op == 'mul':
            stack.append(stack.pop() * n % {modulus})
        elif op == 'skip' and stack[-1] % 2 == {parity}:
            stack[-1] += n
        elif op == 'roll':
            stack.insert(0, stack.pop())
    return stack


program = {program}
"""
_TAKES = {"push": 0, "dup": 1, "swap": 2, "add": 2, "sub": 2, "mul": 1, "skip": 1, "roll": 2}
"""How many numbers an operation needs on the stack."""
Op = tuple[str, int]


def stack_machine(rng: random.Random) -> Draft:
    """A stack machine whose operations are not quite the usual ones."""
    extra, modulus, parity = rng.randint(1, 9), rng.randint(11, 97), rng.randint(0, 1)
    turned = rng.random() < 0.5
    start = [rng.randint(1, 30) for _ in range(3)]
    program: list[Op] = []
    size = len(start)
    for _ in range(rng.randint(14, 18)):
        op = rng.choice([op for op, takes in _TAKES.items() if takes < size and not (op == "push" and size > 5)])
        size += {"push": 1, "dup": 1, "add": -1, "sub": -1}.get(op, 0)
        program.append((op, rng.randint(2, 30) if op in {"push", "mul", "skip"} else 0))
    if len({op for op, _ in program}) < 5:
        raise Redraw

    def after(now: list[int], op: str, n: int) -> list[int]:
        rest, top = now[:-1], now[-1]
        below = rest[-1]
        made: dict[str, list[int]] = {
            "push": [*now, n], "dup": [*now, top], "swap": [*now[:-2], top, below], "add": [*now[:-2], below + top + extra],
            "sub": [*now[:-2], top - below if turned else below - top], "mul": [*rest, top * n % modulus],
            "skip": [*rest, top + n if top % 2 == parity else top], "roll": [top, *rest],
        }  # fmt: skip
        return made[op]

    def solve(say: Say) -> list[int]:
        now = list(start)
        for op, n in program:
            now = say(after(now, op, n), f"{now} after {op} {n} is")
        return now

    text = _MACHINE.format(
        extra=extra,
        modulus=modulus,
        parity=parity,
        turned="top - stack.pop()" if turned else "stack.pop() - top",
        program=program,
    )
    return value_of(text, f"run(program, {start})", solve, vast=True)


_ROBOT = """\
SIZE = {size}
WALLS = {walls}
GOLD = {gold}
STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def walk(x, y, facing, commands):
    found, bumps = set(), 0
    for command in commands:
        if command == 'L':
            facing = (facing - 1) % 4
        elif command == 'R':
            facing = (facing + 1) % 4
        else:
            dx, dy = STEPS[facing]
            new_x, new_y = (x + dx) % SIZE, (y + dy) % SIZE
            if (new_x, new_y) in WALLS:
                bumps += 1
                facing = (facing + {turn}) % 4
            else:
                x, y = new_x, new_y
                if (x, y) in GOLD and (x, y) not in found:
                    found.add((x, y))
    return [x, y, len(found), bumps]
"""
_TURNS = {"L": 3, "R": 1}


def robot(rng: random.Random) -> Draft:
    """A robot that turns at walls and gathers gold on a grid without an edge."""
    size, turn, facing = rng.randint(4, 6), rng.choice((1, 2, 3)), rng.randint(0, 3)
    cells = [(x, y) for x in range(size) for y in range(size)]
    walls = sorted(rng.sample(cells, size))
    free = [cell for cell in cells if cell not in walls]
    gold, start = sorted(rng.sample(free, 2 * size)), rng.choice(free)
    commands = "".join(rng.choice("FFFLR") for _ in range(rng.randint(18, 24)))
    if "LR" in commands or "RL" in commands:
        raise Redraw

    def step(at: list[int], command: str) -> list[int]:
        x, y, way = at[:3]
        if command in _TURNS:
            return [x, y, (way + _TURNS[command]) % 4, 0]
        there = (x + (way == 1) - (way == 3)) % size, (y + (way == 0) - (way == 2)) % size
        return [x, y, (way + turn) % 4, 1] if there in walls else [*there, way, 0]

    def solve(say: Say) -> list[int]:
        at, bumps, seen = [*start, facing, 0], 0, set()
        for place, command in enumerate(commands):
            at = say(
                step(at, command), f"Command {place}, {command}, from {at[:3]}: x, y, facing and whether it bumps are"
            )
            bumps += at[3]
            if command == "F" and not at[3]:
                seen.add((at[0], at[1]))
        found = say(len(seen & set(gold)), f"The cells with gold among {sorted(seen)} number")
        return say([at[0], at[1], found, bumps], "Place, gold and bumps are")

    if not _bumps(step, [*start, facing, 0], commands):
        raise Redraw
    text = _ROBOT.format(size=size, walls=walls, gold=gold, turn=turn)
    return value_of(text, f"walk({start[0]}, {start[1]}, {facing}, {commands!r})", solve, vast=True)


def _bumps(step: Any, at: list[int], commands: str) -> int:
    total = 0
    for command in commands:
        at = step(at, command)
        total += at[3]
    return total


_LEDGER = """\
PRICES = {prices}


def cost(name, count):
    total = PRICES[name] * count
    if count >= {many}:
        total -= total // {share}
    return total


def settle(orders, money):
    stock = {{name: {stock} for name in PRICES}}
    refused = []
    for name, count in orders:
        if count < 0:
            stock[name] -= count
            money += PRICES[name] * -count - {fee}
        elif count > stock[name]:
            refused.append(name)
        elif cost(name, count) > money:
            refused.append(name.upper())
        else:
            stock[name] -= count
            money -= cost(name, count)
    left = sorted(name for name, count in stock.items() if count)
    return [money, refused, left]


orders = {orders}
"""
_GOODS = ("bolt", "cog", "drum", "fuse", "gear", "hinge", "lens", "nail")


def ledger(rng: random.Random) -> Draft:
    """Orders and returns against a stock and a purse, some of them refused."""
    names = rng.sample(_GOODS, 4)
    prices = {name: rng.randint(3, 25) for name in names}
    many, share, stock, fee = rng.randint(3, 6), rng.randint(4, 10), rng.randint(5, 10), rng.randint(1, 4)
    money = rng.randint(120, 360)
    orders = [
        (rng.choice(names), rng.randint(1, stock) if rng.random() < 0.8 else -rng.randint(1, 3))
        for _ in range(rng.randint(10, 13))
    ]

    def price(name: str, count: int) -> int:
        whole = prices[name] * count
        return whole - whole // share if count >= many else whole

    def solve(say: Say) -> list[Any]:
        purse, held = money, dict.fromkeys(names, stock)
        refused: list[str] = []
        for name, count in orders:
            if count < 0:
                held[name] += -count
                purse = say(purse + prices[name] * -count - fee, f"{-count} {name} come back, the purse holds")
            elif held[name] < count:
                refused.append(name)
                say(held[name], f"{count} {name} are refused, the stock is")
            elif price(name, count) > purse:
                refused.append(name.upper())
                say(price(name, count), f"{count} {name} are refused, the purse holds {purse} and the price is")
            else:
                held[name] -= count
                purse = say(purse - price(name, count), f"{count} {name} are sold, the purse holds")
        left = sorted(name for name in names if held[name])
        return say([purse, refused, left], "Purse, refused orders and goods in stock are")

    if not 2 <= len(_refused(orders, prices, stock)) <= 6:
        raise Redraw
    text = _LEDGER.format(prices=prices, many=many, share=share, stock=stock, fee=fee, orders=orders)
    return value_of(text, f"settle(orders, {money})", solve, vast=True)


def _refused(orders: list[tuple[str, int]], prices: dict[str, int], stock: int) -> list[str]:
    """Names of orders for which the stock alone is too small: some such orders, and not only such, are wanted."""
    held, refused = dict.fromkeys(prices, stock), []
    for name, count in orders:
        if count > held[name]:
            refused.append(name)
        else:
            held[name] -= count
    return refused
