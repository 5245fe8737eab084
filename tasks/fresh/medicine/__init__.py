"""Fresh clinical calculations by their published formulas, each named by its template.

A dose is a number of the question, not advice. Drugs are named only where a published table of factors goes by drug.
"""

from rarl_eval.tasks.fresh.make import Family
from rarl_eval.tasks.fresh.medicine.body import du_bois, mosteller
from rarl_eval.tasks.fresh.medicine.corrected import anion_gap, corrected_calcium, osmolality
from rarl_eval.tasks.fresh.medicine.dosing import infusion, maintenance, suspension
from rarl_eval.tasks.fresh.medicine.heart import bazett, fridericia
from rarl_eval.tasks.fresh.medicine.kidney import ckd_epi, cockcroft_gault, sodium_excretion, urea_excretion
from rarl_eval.tasks.fresh.medicine.liver import apri, fib4
from rarl_eval.tasks.fresh.medicine.lungs import alveolar_gradient, expected_gradient
from rarl_eval.tasks.fresh.medicine.opioids import calcium_and_opioids, morphine_equivalents
from rarl_eval.tasks.fresh.medicine.scores import chads_vasc, curb65, meld
from rarl_eval.tasks.fresh.medicine.severity import child_pugh, sofa

FAMILIES = (
    Family(name="dosing", domain="medicine", difficulty=1, templates=(suspension, infusion, maintenance)),
    Family(name="kidney", domain="medicine", difficulty=3, templates=(cockcroft_gault, ckd_epi)),
    Family(
        name="corrected_values",
        domain="medicine",
        difficulty=2,
        templates=(anion_gap, corrected_calcium, osmolality),
    ),
    Family(name="body_surface", domain="medicine", difficulty=2, templates=(mosteller, du_bois)),
    Family(name="risk_scores", domain="medicine", difficulty=3, templates=(chads_vasc, curb65, meld)),
    Family(name="qt_correction", domain="medicine", difficulty=3, templates=(bazett, fridericia)),
    Family(name="gas_exchange", domain="medicine", difficulty=3, templates=(alveolar_gradient, expected_gradient)),
    Family(name="fractional_excretion", domain="medicine", difficulty=2, templates=(sodium_excretion, urea_excretion)),
    Family(name="liver_fibrosis", domain="medicine", difficulty=2, templates=(fib4, apri)),
    Family(name="severity_scores", domain="medicine", difficulty=4, templates=(child_pugh, sofa)),
    Family(
        name="opioid_conversion",
        domain="medicine",
        difficulty=5,
        templates=(morphine_equivalents, calcium_and_opioids),
    ),
)
