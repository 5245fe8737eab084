"""Fresh indices of liver fibrosis: FIB-4, APRI."""

import math
import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND

_LEAST = 0.2


def fib4(rng: random.Random) -> Draft:
    """FIB-4 from age, transaminases and platelets."""
    age, ast, alt, platelets = rng.randint(25, 85), rng.randint(15, 320), rng.randint(12, 350), rng.randint(40, 420)
    if age * ast / (platelets * math.sqrt(alt)) < _LEAST:
        raise Redraw

    def solve(say: Say) -> Decimal:
        top = say(age * ast, f"Age times AST: {age} * {ast} =")
        root = say(math.sqrt(alt), f"The root of ALT: {alt} ^ 0.5 =")
        bottom = say(platelets * root, f"Platelets times the root: {platelets} * {root:.10g} =")
        index = say(top / bottom, f"{top} / {bottom:.10g} =")
        return say(rounded(index), "To two decimals:")

    asked = (
        f"A patient of {age} years has an AST of {ast} U/L, an ALT of {alt} U/L and {platelets} x 10^9 platelets per L. What is "
        f"the FIB-4 index? {ROUND}"
    )
    again = f"Work out FIB-4 for someone aged {age} years: platelets {platelets} x 10^9 per L, ALT {alt} U/L, AST {ast} U/L. {ROUND}"
    given = {"age": age, "ast": ast, "alt": alt, "platelets": platelets}
    source = "Sterling et al. 2006, Hepatology 43:1317"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def apri(rng: random.Random) -> Draft:
    """Ratio of AST, in multiples of its upper limit, to platelets."""
    ast, limit, platelets = rng.randint(20, 400), rng.randint(30, 50), rng.randint(40, 420)
    if 100 * ast / limit / platelets < _LEAST:
        raise Redraw

    def solve(say: Say) -> Decimal:
        times = say(ast / limit, f"AST over its limit: {ast} / {limit} =")
        index = say(100 * times / platelets, f"100 * {times:.10g} / {platelets} =")
        return say(rounded(index), "To two decimals:")

    asked = (
        f"AST is {ast} U/L with an upper limit of normal of {limit} U/L, and there are {platelets} x 10^9 platelets per L. What "
        f"is the APRI (AST to platelet ratio index)? {ROUND}"
    )
    again = (
        f"A laboratory whose upper limit for AST is {limit} U/L finds {platelets} x 10^9 platelets per L and an AST of {ast} "
        f"U/L. How large is the AST to platelet ratio index (APRI)? {ROUND}"
    )
    given = {"ast": ast, "limit": limit, "platelets": platelets}
    source = "Wai et al. 2003, Hepatology 38:518"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
