"""Fresh amortisation: the payment of a loan, the interest in one of its payments, what is still owed."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, TEXT
from rarl_eval.tasks.fresh.make import Draft, Say, plain, rounded

LOANS = f"{TEXT}, ch. 2"
_TERMS = (12, 18, 24, 36, 48, 60, 72, 84, 96, 120, 180, 240, 300, 360)


def _loan(rng: random.Random) -> tuple[int, float, int]:
    """Draw an amount in euros, a nominal yearly rate in percent and a number of months."""
    return 250 * rng.randint(8, 1600), rng.randint(6, 48) / 4, rng.choice(_TERMS)


def _payment(say: Say, amount: int, rate: float, months: int) -> tuple[float, float]:
    r = say(rate / 1200, f"The monthly rate is {rate} / 1200 =")
    discount = say((1 + r) ** -months, f"The discount factor is (1 + {r:.10g}) ^ (-{months}) =")
    annuity = say((1 - discount) / r, f"The annuity factor is (1 - {discount:.10g}) / {r:.10g} =")
    return r, say(amount / annuity, f"The payment is {amount} / {annuity:.10g} =", "euros")


def _owed(say: Say, amount: int, loan: tuple[float, float], paid: int) -> float:
    r, payment = loan
    factor = say((1 + r) ** paid, f"After {paid} months one euro has become (1 + {r:.10g}) ^ {paid} =")
    grown = say(amount * factor, f"The loan has grown to {amount} * {factor:.10g} =", "euros")
    sums = say(
        payment * (factor - 1) / r, f"The payments to {payment:.10g} * ({factor:.10g} - 1) / {r:.10g} =", "euros"
    )
    return say(grown - sums, f"There is still owed {grown:.10g} - {sums:.10g} =", "euros")


def _terms(amount: int, rate: float, months: int) -> tuple[str, str]:
    """Say the terms of a loan in two ways."""
    one = (
        f"A loan of {amount} euros at a nominal rate of {plain(rate)}% a year, a twelfth of it for each month, is repaid in "
        f"{months} equal monthly payments, the first one month after the loan."
    )
    two = (
        f"A bank lends {amount} euros. At the end of each of the next {months} months the same payment is made, which repays "
        f"the loan in full; the interest for a month is one twelfth of {plain(rate)}% of what is owed."
    )
    return one, two


def loan_payment(rng: random.Random) -> Draft:
    """The level payment of a loan."""
    amount, rate, months = _loan(rng)

    def solve(say: Say) -> Decimal:
        _, payment = _payment(say, amount, rate, months)
        return say(rounded(payment), "To two decimals:")

    one, two = _terms(amount, rate, months)
    asked, again = f"{one} How many euros is one payment? {CENTS}", f"{two} What is that payment in euros? {CENTS}"
    given = {"amount": amount, "rate": rate, "months": months}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=LOANS)


def loan_interest(rng: random.Random) -> Draft:
    """The interest, or the repayment, within one of the payments."""
    amount, rate, months = _loan(rng)
    number, part = rng.randint(2, months - 1), rng.choice(("interest", "repayment of the loan"))

    def solve(say: Say) -> Decimal:
        loan = _payment(say, amount, rate, months)
        owed = _owed(say, amount, loan, number - 1)
        interest = say(owed * loan[0], f"The interest is {owed:.10g} * {loan[0]:.10g} =", "euros")
        if part != "interest":
            interest = say(loan[1] - interest, f"The rest repays {loan[1]:.10g} - {interest:.10g} =", "euros")
        return say(rounded(interest), "To two decimals:")

    one, two = _terms(amount, rate, months)
    exact = "Do not round payments or balances; round only the result, to two decimals."
    asked = f"{one} How many euros of payment number {number} are {part}? {exact}"
    again = f"{two} Of payment number {number}, how many euros are {part}? {exact}"
    given = {"amount": amount, "rate": rate, "months": months, "number": number, "part": part}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=LOANS)


def loan_balance(rng: random.Random) -> Draft:
    """What is still owed after some of the payments."""
    amount, rate, months = _loan(rng)
    paid = rng.randint(1, months - 1)

    def solve(say: Say) -> Decimal:
        owed = _owed(say, amount, _payment(say, amount, rate, months), paid)
        return say(rounded(owed), "To two decimals:")

    one, two = _terms(amount, rate, months)
    exact = "Do not round payments or balances; round only the result, to two decimals."
    asked = f"{one} How many euros are still owed right after payment number {paid}? {exact}"
    again = f"{two} What is the debt in euros just after payment number {paid} has been made? {exact}"
    given = {"amount": amount, "rate": rate, "months": months, "paid": paid}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=LOANS)
