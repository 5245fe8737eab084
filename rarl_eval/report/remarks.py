"""What stands in the way of believing a row's accuracy, in one sentence: the reason of the mark beside it."""

from rarl_eval.measures.doubt import sentence
from rarl_eval.measures.origin import told
from rarl_eval.report.row_types import ReportRow


def remark(row: ReportRow) -> str:
    """Return the sentence; "" for a row without a mark."""
    return "; ".join(filter(None, (told(row.origin), sentence(row.doubt, row.no_answer))))
