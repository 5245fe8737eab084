"""Coverage-guided fuzzing of what reads untrusted bytes: the codec, the channel, last words, code in replies.

    FUZZ_PYTHON benchmarks/sandbox_fuzz.py -max_total_time=600 -rss_limit_mb=1500 [CORPUS]

``FUZZ_PYTHON`` has atheris and msgspec. Any exception but the one each reader promises ends the run, as does memory
beyond the limit; whatever decodes is encoded and decoded again, and must come out the same.
"""

import math
import socket
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["rarl_eval.sandbox"]):
    from rarl_eval.sandbox import grade, replies, verdicts
    from rarl_eval.sandbox.inside import codec, peer, program, standard
    from rarl_eval.sandbox.inside.proxies import Desk

assert standard


def one_input(data: bytes) -> None:
    which, rest = data[:1], data[1:]
    {0: read_value, 1: read_channel, 2: read_words, 3: read_reply}[which[0] % 4 if which else 0](rest)


def read_value(data: bytes) -> None:
    try:
        value = codec.decode(data)
    except codec.CodecError:
        return
    again = codec.decode(codec.encode(value, lambda handle: handle))
    assert type(again) is type(value)
    if type(value) in {int, str, bytes, bool, type(None)}:
        assert again == value
    if type(value) is float:
        assert again == value or math.isnan(value)


def read_channel(data: bytes) -> None:
    desk = Desk()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        theirs.send(data[:100_000])
        theirs.shutdown(socket.SHUT_WR)
        desk.peer = peer.Peer(ours, desk.serve, desk.keep, desk.resolve)
        try:
            desk.ask("load", [])
        except (peer.Gone, peer.Garbled):
            pass
        except Exception as error:
            if error is not desk.raised:
                raise


def read_words(data: bytes) -> None:
    for words in (data, data + program.END.pack(len(data), program.MARK)):
        verdicts._last_words(words)  # noqa: SLF001 - what it reads comes from the program
    text = data.decode("utf-8", "replace")
    half = len(text) // 2
    verdicts.first_difference(text[:half], text[half:], 1e-6, 1e-6)


def read_reply(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    replies.code_in(text, "f")
    grade.call_arguments(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
