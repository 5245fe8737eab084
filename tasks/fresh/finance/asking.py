"""What fresh finance questions say of rounding and of signs."""

TEXT = "Brealey, Myers & Allen, Principles of Corporate Finance, 13th ed."
CENTS = "Round only the result, to two decimals."
PERCENT = f"Give a percentage with its % sign. {CENTS}"
SIGNED = f"Give a percentage with its % sign, negative for a decrease. {CENTS}"
