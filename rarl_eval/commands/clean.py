"""``rarl-eval clean``: write a copy of a corpus without the benchmark items that it holds."""

from pathlib import Path

import click

from rarl_eval import registry
from rarl_eval.commands import family, options
from rarl_eval.commands.progress import Shown, byte_progress


@family.command("clean")
@options.tasks
@options.corpora
@options.out("Folder to write; must not exist.")
@options.jobs
@click.option("--cut", is_flag=True, help="Cut the items out of their documents; default: leave the documents out.")
@click.option(
    "--near-duplicates", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
    help="Leave out documents, too, that share so much of their word 5-grams with an earlier one, e.g. 0.8.",
)  # fmt: skip
@click.option(
    "--level",
    type=click.Choice(["exact", "near"]),
    default="near",
    show_default=True,
    help="Weakest level for which a document leaves.",
)
@click.option(
    "--max-share", type=click.FloatRange(0, 1), metavar="SHARE",
    help="Write nothing if more than this share of the documents would leave.",
)  # fmt: skip
@options.shown
def command(
    task: tuple[str, ...],
    sources: tuple[str, ...],
    lock: Path | None,
    partial: bool,
    corpora: tuple[str, ...],
    out: Path,
    fields: tuple[str, ...],
    jobs: int,
    cut: bool,
    near_duplicates: float | None,
    level: str,
    max_share: float | None,
    progress: Shown,
    as_json: bool,
) -> None:
    r"""Write a copy of a corpus without the documents that hold benchmark items.

    JSON lines, JSON lists, CSV and TSV (plain, gzip, zstd), Parquet, Arrow, datasets folders and folders of text are
    copied as they are, documents with flagged items left out; left_out.jsonl says which and why. With --cut only the
    question, options and answer leave, and a document that holds nothing else or cannot be parsed. A shard that cannot
    be read or copied whole ends it with exit code 2 and nothing written, because a copy of what was not scanned would
    not be clean. --near-duplicates also leaves out what nearly repeats an earlier document (MinHash, with datasketch's
    LSH): the first stays, and left_out.jsonl names it. --level exact leaves edited copies in; with --max-share nothing
    is written where more documents would leave than expected.

    \b
    Examples:
      rarl-eval clean -t gsm8k,svamp -c train.jsonl.gz -o cleaned
      rarl-eval clean -t math -c 'shards/*.parquet' --text-field content -j 8 -o cleaned
      rarl-eval clean -t gsm8k -c chats.jsonl.zst --cut -o cleaned
      rarl-eval clean -t gsm8k -c 'shards/*.jsonl.gz' --near-duplicates 0.8 -o cleaned
      rarl-eval clean -t gsm8k -c train.jsonl --level exact --max-share 0.02 -o cleaned
    """
    clean = registry.load("contamination", "clean")
    benchmarks = options.load(task, sources, lock, partial=partial)
    with byte_progress(progress) as show:
        done = clean(
            benchmarks, corpora, out, fields=fields, jobs=jobs, cut=cut, near_duplicates=near_duplicates,
            levels=("exact",) if level == "exact" else ("exact", "near"), max_share=max_share, say=options.say,
            progress=show,
        )  # fmt: skip
    if as_json:
        counts = {"kept": done.kept, "cut": done.cut, "dropped": done.dropped, "near_duplicates": done.repeats}
        counts |= {"tasks": done.tasks}
        family.print_json({"out": str(out), **counts})
    told = f", {done.cut:,} of them cut" if cut else ""
    repeats = f" ({done.repeats:,} as near duplicates)" if near_duplicates else ""
    for name, n in done.tasks.items():
        if n:
            options.say(f"{n:,} documents hold items of {name}")
    options.say(
        f"{out}: {done.kept:,} documents kept{told}, {done.dropped:,} left out{repeats}; why: {out / 'left_out.jsonl'}"
    )
