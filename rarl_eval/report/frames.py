"""A report's rows as a pandas data frame, for notebooks and one-off questions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rarl_eval.report.row_types import read_report

if TYPE_CHECKING:
    import pandas as pd


def rows(report: Mapping[str, Any]) -> "pd.DataFrame":
    """One row for each row of report.json; nested fields get dotted names (``accuracy.value``, ``clean.n``).

    Raises BadInput for what is no report.
    """
    import pandas as pd

    read_report(report)
    return pd.json_normalize([{k: v for k, v in row.items() if k != "agreement"} for row in report["rows"]])
