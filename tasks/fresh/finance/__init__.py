"""Fresh finance: interest, bonds, present values, statements, loans, duration, cost of capital, options, currencies.

Formulas are those of Brealey, Myers & Allen, Principles of Corporate Finance (13th ed.), where a template names no other
source.
"""

from rarl_eval.tasks.fresh.finance.bonds import bond_price, zero_yield
from rarl_eval.tasks.fresh.finance.capital import levered_capital, weighted_capital
from rarl_eval.tasks.fresh.finance.currencies import abroad, cross_rate, forward
from rarl_eval.tasks.fresh.finance.duration import macaulay, price_change
from rarl_eval.tasks.fresh.finance.interest import equivalent_annuity, future_value, savings, uneven_flows
from rarl_eval.tasks.fresh.finance.loans import loan_balance, loan_interest, loan_payment
from rarl_eval.tasks.fresh.finance.options import option_profit, put_call_parity
from rarl_eval.tasks.fresh.finance.statements import change_over_year, leverage, margin, share_of_sales
from rarl_eval.tasks.fresh.make import Family

FAMILIES = (
    Family(name="compound_interest", domain="finance", difficulty=1, templates=(future_value, savings)),
    Family(name="bonds", domain="finance", difficulty=2, templates=(bond_price, zero_yield)),
    Family(name="present_value", domain="finance", difficulty=2, templates=(uneven_flows, equivalent_annuity)),
    Family(
        name="statements",
        domain="finance",
        difficulty=2,
        templates=(change_over_year, margin, leverage, share_of_sales),
    ),
    Family(name="amortisation", domain="finance", difficulty=3, templates=(loan_payment, loan_interest, loan_balance)),
    Family(name="duration", domain="finance", difficulty=4, templates=(macaulay, price_change)),
    Family(name="cost_of_capital", domain="finance", difficulty=3, templates=(weighted_capital, levered_capital)),
    Family(name="options", domain="finance", difficulty=4, templates=(option_profit, put_call_parity)),
    Family(name="foreign_exchange", domain="finance", difficulty=3, templates=(cross_rate, forward, abroad)),
)
