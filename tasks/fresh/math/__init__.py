"""Fresh mathematics, each answer exact: word problems, numbers, algebra, probability, counting, long computations."""

from rarl_eval.tasks.fresh.make import Family
from rarl_eval.tasks.fresh.math.algebra import arithmetic_sum, linear_system, root_squares
from rarl_eval.tasks.fresh.math.bases import base_sum, from_base, to_base
from rarl_eval.tasks.fresh.math.chance import dice, inspection, urn
from rarl_eval.tasks.fresh.math.counting import handed_out, multiples, paths
from rarl_eval.tasks.fresh.math.modular import congruence, inverse, power_sum
from rarl_eval.tasks.fresh.math.numbers import common_divisor, power_remainder, two_remainders
from rarl_eval.tasks.fresh.math.sequences import operations, registers
from rarl_eval.tasks.fresh.math.stories import journey, purchase, shares

FAMILIES = (
    Family(name="word_problems", domain="math", difficulty=1, templates=(purchase, journey, shares)),
    Family(
        name="number_theory", domain="math", difficulty=2, templates=(common_divisor, power_remainder, two_remainders)
    ),
    Family(name="algebra", domain="math", difficulty=2, templates=(linear_system, root_squares, arithmetic_sum)),
    Family(name="probability", domain="math", difficulty=3, templates=(urn, dice, inspection)),
    Family(name="number_bases", domain="math", difficulty=3, templates=(to_base, from_base, base_sum)),
    Family(name="modular_arithmetic", domain="math", difficulty=4, templates=(inverse, congruence, power_sum)),
    Family(name="counting", domain="math", difficulty=4, templates=(multiples, handed_out, paths)),
    Family(name="long_sequences", domain="math", difficulty=5, templates=(operations, registers)),
)
