"""Every column that shows a row of report.json, declared once: terminal, report.md, report.csv, site and methods page.

A new column is a line here, behind the field that its figure has in a struct of measures/ (CONTRIBUTING.md). Tables
show columns in this order; one of which no row knows anything is left out.
"""

from functools import partial

import msgspec

from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.report.column import Column, owner
from rarl_eval.report.figures import AMOUNT, COUNT, DECIMAL, DELTA, PERCENT, POINTS, SIGNED, WHOLE, WORDS
from rarl_eval.report.row_types import ReportRow

_results = partial(Column, page="results")
_accuracy = partial(_results, text="accuracy")
_origin = partial(_results, text="rows", group="Recorded rows", when="some")
_belief = partial(Column, page="results", text="belief", group="Belief", method="belief")
_length = partial(Column, page="length", text="length", csv="length_{}")
_reference = partial(_length, text="reference", csv="{}", group="Reference tokenizer", method="reference")
_asked = partial(_length, text="scores", csv="{}", group="Accuracy and length in one", method="scores")
_declining = partial(Column, page="declining", text="declining", method="declined")
_lacking = partial(_declining, group="Without a needed premise", method="lacking")
_entry = partial(Column, page="agreement", text="rewards")

IN_SCANS = "Contamination"
LENGTH = "Length"
ENDED = "Ended, %"
RANKS = "Ranks right above wrong"
SAYS = "Says what the verdict says"
RISK = "Wrong among the surest"
CALIBRATION = "Calibration"
ERRS = "Errs"

# fmt: off
ROWS: tuple[Column, ...] = (
    Column("model", "model", "Model", WORDS),
    Column("task", "task", "Task", WORDS),
    Column("run", "run", "Run", WORDS),
    Column("domain", "domain", "Domain", WORDS),
    _results("rank", "", "Rank", COUNT, what=(
        "Position by the value to believe, on the items that all models answered and that stand in nobody's training "
        "data; models of equal value share a rank, and a model whose value is unknown, or that answered a part of the "
        "items that others answered, has none.")),
    Column("asked", "asked", "Asked", COUNT),
    _belief("headline", "accuracy", "Headline", PERCENT, short="score", page="", csv="", brief=True),
    _belief("belief", "belief.verdict", "Believe", WORDS, short="believe", what=(
        "Whether the score can be believed: it holds; it is inflated by items that the model has seen; it is "
        "understated by a reading that misses right answers; it is doubtful, for something stands against it that is "
        "not settled; or it is unchecked, for nobody looked whether the model has seen the items.")),
    _belief("believed", "belief.value", "Believed", PERCENT, unit="%", short="believed", method="believed", what=(
        "The accuracy a reader should believe, with its interval.")),
    _belief("answered", "n", "Items", COUNT, short="n", page="", csv="", of="asked"),
    _belief("believed_from", "belief.source", "Of", WORDS, short="of", page="", what=(
        "What the believed value is of: all items, clean items, or the fresh twin; its interval is wider where a judge "
        "errs or two readings differ.")),
    _accuracy("n", "n", "Items", COUNT, short="n", of="asked", what=(
        "Items with at least one judged answer: the denominator of accuracy.")),
    _accuracy("accuracy", "accuracy", "Accuracy", PERCENT, unit="%", group="All items", what=(
        "Mean over items of the share of correct samples. A verdict comes from the task's own rule, applied to the "
        "answer and never to the reasoning before it.")),
    Column("other_checker", "other_checker.name", "Other checker", WORDS, text="accuracy", method="other_accuracy"),
    _accuracy("other_accuracy", "other_checker.accuracy", "By the other checker", PERCENT, unit="%", group="All items",
        short="by it", what=(
        "Accuracy by another checker of the benchmark's, where it says otherwise of some answer: LiveCodeBench's "
        "published rule compares numbers exactly, the contests' own (`contest`) let numbers with a point differ.")),
    _accuracy("clean", "clean", "Clean", PERCENT, unit="%", group=IN_SCANS, what=(
        "Accuracy over the items of which the scans found nothing, with their number.")),
    _accuracy("flagged", "flagged", "Flagged", PERCENT, unit="%", group=IN_SCANS, what=(
        "Accuracy over the items found in a scanned corpus, word for word (exact) or with edits (near).")),
    _accuracy("sibling", "levels.sibling", "Siblings", PERCENT, unit="%", group=IN_SCANS, when="some", what=(
        "Accuracy over the items of mathematics whose givens stand in a scanned corpus with another question asked of "
        "them: no copies, and so not flagged, but nearer to one than a clean item.")),
    _accuracy("gain", "gain", "Gain", POINTS, unit="pts", group=IN_SCANS, what=(
        "How much of the accuracy goes when flagged items are set aside, in percentage points: the estimated "
        "performance gain. It is set in bold where its whole interval lies above zero.")),
    _accuracy("gain_relative", "gain_relative", "Vs others", POINTS, unit="pts", group=IN_SCANS, short="relative",
        brief=True, what=(
        "The model's gain less the mean gain of the other models of the task on the same items. Items that are merely"
        " easier lift every model, and that part falls out.")),
    _results("unscanned", "unscanned", "Unscanned", PERCENT, group=IN_SCANS, what=(
        "Number of items that no given scan covered, or that are too short to tell. They are neither clean nor "
        "flagged.")),
    _results("agreement", "", "Agreement", DECIMAL, group="Agreement, AUROC", method="auroc"),
    _results("length", "", "Median", AMOUNT, group=LENGTH),
    _results("per_correct", "length.per_correct", "Per correct", AMOUNT, csv="", group=LENGTH, what=(
        "Length spent for each right answer, wrong answers included.")),
    _results("front", "", "On the front", WHOLE, unit="%", group=LENGTH, what=(
        'Chance that no other model of the task is at least as accurate and at most as long, and better in one of '
        'both: the share of resampled item sets in which that holds. "On it" marks the models for which it holds as '
        'measured.')),
    _results("no_answer", "no_answer", "No answer", PERCENT, group=ENDED, what=(
        "Share of the answers in which the task's rule found no final answer, cut-off reasoning among them.")),
    _results("declined", "abstention.share.value", "Declined", PERCENT, csv="", group=ENDED, when="some", what=(
        'Share of judged answers that decline: "it cannot be determined", a refusal, a request for what is missing. '
        'They are not right, and no wrong answers either.')),
    _results("cut_off", "", "Cut off", PERCENT, group=ENDED, what=(
        "Share of the answers that hit the length cap. Unknown for recorded outputs that do not tell.")),
    _accuracy("doubt", "doubt.share", "Read in two ways", PERCENT, unit="%", group=ENDED, short="two ways", brief=True,
        what=(
        "Share of the answers that the task's rule and a second, lenient reading judge differently: one of them misread"
        " the text. A row in which it, or the share without an answer, passes 2 % is marked.")),
    Column("doubt_low", "doubt.low", "Right by both", PERCENT, text="accuracy", short="by both", when="some", what=(
        "Accuracy if only answers count that both readings call right.")),
    Column("doubt_high", "doubt.high", "Right by either", PERCENT, text="accuracy", short="by either", when="some",
        what="Accuracy if answers count that either reading calls right."),
    _results("errors", "errors", "Failed calls", COUNT, what=(
        "Calls that brought back no answer. They are no wrong answers and in no denominator.")),
    _accuracy("unjudged", "unjudged", "Not judged", COUNT, short="unjudged", when="above 0", what=(
        "Answers in free text that no judge model has read. They are neither right nor wrong and in no denominator.")),
    _origin("proved", "origin.proved", "Proved", COUNT, what=(
        "Recorded rows whose question and gold, or whose content hash, are the item's that they are judged as.")),
    _origin("consistent", "origin.consistent", "Not contradicted", COUNT, short="consistent", what=(
        "Recorded rows that nothing contradicts and that say too little of their question to be proved.")),
    _origin("contradicted", "origin.contradicted", "Contradicted", COUNT, what=(
        "Recorded rows that state another question, gold or options than the item that they name. They are left out, "
        "and a file with more than 2 % of them is refused unless the user insists, which marks the row.")),
    _origin("unmatched", "origin.unmatched", "Without an item", COUNT, short="unmatched", what=(
        "Recorded rows that no item was found for, or several; left out.")),
    _origin("on_trust", "origin.on_trust", "On trust", COUNT, what=(
        "Rows judged because the user said so (--trust-ids): an id or a row number alone names their item, or what "
        "they carry contradicts it. The row is marked.")),
    _origin("known_items", "origin.known", "Whole benchmark", COUNT, short="whole", when="download", what=(
        "Items that the benchmark has at a revision that was counted. A row over another number is marked.")),
    Column("prompt_style", "prompt_style", "Prompt", WORDS, text="accuracy", what=(
        "How the items were asked: name and version of the prompt, with the number of examples. Unknown for recorded "
        "outputs, whose prompts nobody knows.")),
    Column("traces", "traces", "Traces", COUNT, page="stops", method="n"),

    _length("unit", "length.unit", "Unit", WORDS, text="", when="various", method="length"),
    _length("counted_by", "length.counted_by", "Counted by", WORDS, text="", when="various", method="length"),
    _length("hidden", "length.hidden", "Reasoning", WORDS, text="", method="length"),
    _length("mean", "length.mean", "Mean", AMOUNT, text="", group="All answers", method="length"),
    _length("median", "length.median", "Median", AMOUNT, ends="length.intervals.median", in_unit=True,
        group="All answers", method="length"),
    _length("p95", "length.p95", "95th percentile", AMOUNT, ends="length.intervals.p95", short="p95",
        group="All answers", method="length"),
    _length("median_correct", "length.median_correct", "Correct", AMOUNT, short="right", group="Median of",
        method="common-correct"),
    _length("median_wrong", "length.median_wrong", "Wrong", AMOUNT, group="Median of", method="common-correct"),
    _length("median_common_correct", "length.median_common_correct", "Common correct", AMOUNT, short="common",
        group="Median of", method="common-correct"),
    _length("order_flips", "length.order_flips", "Turns with", COUNT, page="", short="turned", method="order-flips"),
    _length("per_correct", "length.per_correct", "Per correct", AMOUNT, ends="length.intervals.per_correct",
        short="per right"),
    _length("delta", "length.delta", "Cliff's δ", DELTA, ends="length.intervals.delta", short="delta", what=(
        "Whether wrong answers are longer than right ones, from −1 (always shorter) to 1 (always longer).")),
    _length("front_chance", "length.pareto.chance", "On the front", WHOLE, unit="%", csv="{}", short="front",
        method="front"),
    _length("truncated", "length.truncated", "Cut off", PERCENT, unit="%", short="cut", method="cut_off"),
    Column("no_answer", "no_answer", "No answer", PERCENT, text="length", short="none", csv=""),
    Column("loop", "stops.loop", "Loop", COUNT, text="length", csv="", method="loop"),
    _length("budget_area", "length.budget.area", "Budget area", PERCENT, unit="%", csv="{}", text="", what=(
        "Accuracy that is left when every answer longer than a budget counts as wrong, averaged over budgets on a log"
        " axis between the two ends below it. One number for accuracy and brevity together; the ends are the same for"
        " all models of a task in one unit.")),
    _reference("reference_mean", "length.reference.mean", "Mean", AMOUNT),
    _reference("reference_median", "length.reference.median", "Median", AMOUNT),
    _reference("reference_p95", "length.reference.p95", "95th percentile", AMOUNT, page="", short="p95"),
    _reference("reference_common", "length.reference.median_common_correct", "Common correct", AMOUNT, page="",
        short="common"),
    _reference("reference_per_correct", "length.reference.per_correct", "Per correct", AMOUNT, short="per right"),
    _asked("ock_score", "length.ock_score", "OckScore", AMOUNT, short="OckScore"),
    _asked("auc_oaa", "length.auc_oaa.area", "AUC_OAA", DECIMAL, short="AUC_OAA"),
    _asked("within_budget", "length.adherence.within", "Within budget", PERCENT, unit="%"),
    _asked("beyond_budget", "length.adherence.beyond", "Beyond it", AMOUNT, page=""),
    _asked("aes", "length.aes.score", "AES", SIGNED, short="AES"),

    Column("abstained_n", "abstention.n", "Declined", COUNT, csv="abstained", method="declined"),
    _declining("abstained", "abstention.share", "Declined", PERCENT, unit="%", csv="abstained_share",
        group="Questions that can be answered"),
    _declining("attempted", "abstention.accuracy_attempted", "Right of the rest", PERCENT, unit="%",
        csv="attempted_accuracy", group="Questions that can be answered"),
    _lacking("lacking", "abstention.missing_premise.items", "Items", COUNT, csv="lacking_n", short="lacking"),
    _lacking("lacking_answered", "abstention.missing_premise.answered", "Answered all the same", PERCENT, unit="%"),
    _lacking("lacking_length", "abstention.missing_premise.length", "Mean length", AMOUNT, short="length",
        brief=True, in_unit=True),
    _lacking("lacking_ratio", "abstention.missing_premise.twins.ratio", "Times whole ones", DECIMAL,
        csv="lacking_length_ratio", short="times twin"),
    _lacking("twins_accuracy", "abstention.missing_premise.twins.accuracy", "Twins right", PERCENT, page="", unit="%"),
    _lacking("twins_abstained", "abstention.missing_premise.twins.abstained", "Twins declined", PERCENT, page="",
        unit="%"),
    _lacking("lacking_cost", "abstention.missing_premise.per_abstention", "Length per decline", AMOUNT,
        csv="lacking_per_abstention", short="per decline", brief=True),
    Column("unsupported_n", "unsupported.n", "n", COUNT, text="unsupported", method="unsupported_share"),
    Column("unsupported_share", "unsupported.share", "Unsupported", PERCENT, text="unsupported", short="percent", what=(
        "Share of the answers with numbers, to questions with a context, that hold a number which neither the context "
        "nor a computation from it supports.")),
    *(Column(name, f"stops.{name}", title, COUNT, page="stops", csv="stop_{}", method=method)
      for name, title, method in (
        ("end", "Ended by itself", "ended-chapter"), ("length", "Cut off", "cut_off"),
        ("error", "Failed call", "errors"),
        ("unknown", "Not recorded", "ended-chapter"), ("no_answer", "No answer", "no_answer"),
        ("ambiguous", "Two answers", "loop"), ("abstained", "Declined", "declined"),
        ("timeout", "Verifier timed out", "ended-chapter"), ("unparsable_gold", "Gold unreadable", "ended-chapter"),
        ("unjudged", "Not judged", "unjudged"), ("cannot_judge", "Cannot be judged", "ended-chapter"),
        ("empty", "Empty reply", "ended-chapter"), ("loop", "Loop", "loop"))),
)

REWARDS: tuple[Column, ...] = (
    _entry("reward", "reward", "Reward", WORDS, text="", method="auroc"),
    _entry("judge", "judge", "Judge", WORDS, text="", method="auroc"),
    _entry("n", "n", "Traces", COUNT, short="n", method="constant"),
    _entry("base_rate", "base_rate", "Right", PERCENT, unit="%", group="Without the reward", method="constant"),
    _entry("constant", "constant", "Constant", PERCENT, unit="%", text="", group="Without the reward"),
    _entry("auroc", "auroc", "AUROC", DECIMAL, short="AUROC", group=RANKS),
    _entry("auroc_within", "auroc_within", "within items", DECIMAL, short="in item", brief=True, group=RANKS,
        method="auroc"),
    _entry("pairwise", "pairwise", "pairs", DECIMAL, text="", group=RANKS, what=(
        "Share of all right–wrong pairs of answers to one question that the reward puts in the right order, ties "
        "counting half. Every pair weighs the same, where AUROC within items lets every item weigh the same.")),
    _entry("aurc", "aurc", "AURC", DECIMAL, short="AURC", brief=True, group=RISK),
    _entry("aurc_best", "aurc_best", "at best", DECIMAL, text="", group=RISK, method="aurc"),
    _entry("brier", "brier", "Brier", DECIMAL, text="", group=CALIBRATION, method="calibration"),
    _entry("ece", "ece", "ECE", DECIMAL, short="ECE", brief=True, group=CALIBRATION, method="calibration"),
    _entry("accuracy", "accuracy", "Same", PERCENT, unit="%", text="", group=SAYS, method="same"),
    _entry("kappa", "kappa", "κ", DECIMAL, short="kappa", brief=True, group=SAYS, what=(
        "Cohen's kappa of the reward's yes or no with the verdict: agreement beyond what two independent judges of "
        "the same rates would reach.")),
    _entry("mcc", "mcc", "MCC", DECIMAL, text="", group=SAYS, what=(
        "Matthews correlation of the reward's yes or no with the verdict, from −1 to 1.")),
    _entry("ac1", "ac1", "AC1", DECIMAL, text="", group=SAYS, what=(
        "Gwet's agreement beyond chance, which holds up where nearly all answers are right or nearly all are wrong.")),
    _entry("false_pass", "false_pass", "False pass", PERCENT, unit="%", brief=True, group=ERRS, method="false-pass"),
    _entry("false_fail", "false_fail", "False fail", PERCENT, unit="%", brief=True, group=ERRS, method="false-pass"),
    _entry("note", "note", "Note", WORDS, text="", when="download", method="auroc"),
)
# fmt: on

GROUPS = ("Without the reward", RANKS, SAYS, RISK, CALIBRATION, ERRS)
"""Order of the groups on a page, where it is not that of the columns."""


def on_page(table: str, columns: tuple[Column, ...] = ROWS) -> list[Column]:
    """Return the columns of a table of the site, groups together."""
    shown = [column for column in columns if column.page == table]
    return sorted(shown, key=lambda c: GROUPS.index(c.group) if c.group in GROUPS else -1)


def in_text(table: str, columns: tuple[Column, ...] = ROWS) -> list[Column]:
    """Return the columns of a table of the terminal and of report.md."""
    return [column for column in columns if column.text == table]


def explanations(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the columns say of a struct's fields, by field."""
    found = {}
    for columns, of in ((ROWS, ReportRow), (REWARDS, Rewarded)):
        for column in columns:
            if column.what and column.field and owner(column.field, of)[0] is kind:
                found[column.field.rpartition(".")[2]] = column.what
    return found
