"""``rarl-eval clean``: write a copy of a corpus without the benchmark items that it holds."""

from pathlib import Path

import click

from rarl_eval import registry
from rarl_eval.commands import options
from rarl_eval.commands.scan import byte_progress


@click.command("clean")
@options.tasks
@click.option(
    "--corpus", "-c", "corpora", multiple=True, required=True, metavar="PATH_OR_GLOB", help="May be repeated."
)
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Folder to write; must not exist.")
@click.option("--text-field", "fields", multiple=True, help="Text field of the corpus; default: all text of a row.")
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="Threads that scan.")
@click.option("--cut", is_flag=True, help="Cut the items out of their documents; default: leave the documents out.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def command(
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    corpora: tuple[str, ...],
    out: Path,
    fields: tuple[str, ...],
    jobs: int,
    cut: bool,
    quiet: bool,
) -> None:
    r"""Write a copy of a corpus without the documents that hold benchmark items.

    JSON lines, JSON lists, CSV and TSV (plain, gzip, zstd), Parquet, Arrow, datasets folders and folders of text are
    copied as they are, documents with flagged items left out; left_out.jsonl says which and why. With --cut only the
    question, options and answer leave, and a document that holds nothing else or cannot be parsed. A shard that cannot
    be read or copied whole ends it with exit code 2 and nothing written, because a copy of what was not scanned would
    not be clean.

    \b
    Examples:
      rarl-eval clean -t gsm8k,svamp -c train.jsonl.gz -o cleaned
      rarl-eval clean -t math -c 'shards/*.parquet' --text-field content -j 8 -o cleaned
      rarl-eval clean -t gsm8k -c chats.jsonl.zst --cut -o cleaned
    """
    clean = registry.load("contamination", "clean")
    benchmarks = options.load(task, sources, lock)
    with byte_progress(quiet) as progress:
        done = clean(benchmarks, corpora, out, fields=fields, jobs=jobs, cut=cut, say=options.say, progress=progress)
    told = f", {done.cut:,} of them cut" if cut else ""
    options.say(f"{out}: {done.kept:,} documents kept{told}, {done.dropped:,} left out; why: {out / 'left_out.jsonl'}")
