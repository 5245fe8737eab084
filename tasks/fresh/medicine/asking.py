"""What fresh clinical questions say of rounding."""

ROUND = "Round only the result, to two decimals."
SEXES = ("woman", "man")
