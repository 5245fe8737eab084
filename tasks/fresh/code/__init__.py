"""Fresh code questions: tracing programs, writing them, counting their work, simulating data structures."""

from rarl_eval.tasks.fresh.code.counted import recursive, shrinking, triangle
from rarl_eval.tasks.fresh.code.programs import ledger, robot, stack_machine
from rarl_eval.tasks.fresh.code.structures import double_ended, heap, least_recent
from rarl_eval.tasks.fresh.code.synthesis import long_pipeline, long_words, pipeline, words
from rarl_eval.tasks.fresh.code.tracing import accumulate, rewrite
from rarl_eval.tasks.fresh.make import Family

FAMILIES = (
    Family(name="tracing", domain="code", difficulty=2, templates=(accumulate, rewrite)),
    Family(name="complexity", domain="code", difficulty=3, templates=(triangle, shrinking, recursive)),
    Family(name="data_structures", domain="code", difficulty=2, templates=(double_ended, heap, least_recent)),
    Family(name="synthesis", domain="code", difficulty=3, templates=(pipeline, words)),
    Family(name="long_programs", domain="code", difficulty=5, templates=(stack_machine, robot, ledger)),
    Family(name="long_synthesis", domain="code", difficulty=4, templates=(long_pipeline, long_words)),
)
