"""Rows of published layouts that are not the plain case: failed calls, several texts, options, other spellings."""

import json
from pathlib import Path
from typing import Any

import pytest
from published import MAKERS, Answered, chat_messages, lines, whole

from rarl_eval.importers import Log, Output, read_log
from rarl_eval.importers.chat import turns, unmarked
from rarl_eval.importers.folders import open_logs

ONE = Answered("3", "How many legs have two cats and a bird?", "10", "They have \\boxed{10}.", True, "8 and 2.")


def outputs(tmp_path: Path, *rows: dict[str, Any]) -> list[Output]:
    return list(read_log(lines(tmp_path / "log.jsonl", rows)).outputs)


def log_of(tmp_path: Path, *rows: dict[str, Any]) -> Log:
    log = read_log(lines(tmp_path / "log.jsonl", rows))
    list(log.outputs)
    return log


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"custom_id": "0", "response": None, "error": {"code": "batch_expired", "message": "It expired."}},
         "It expired."),
        ({"custom_id": "0", "error": None, "response": {"status_code": 400, "body": {"error": {"message": "Too long."}}}},
         "Too long."),
        ({"custom_id": "0", "response": {"status_code": 400, "request_id": "r", "body": None}, "error": {"error": {
            "message": "Longer than the context.", "type": "BadRequestError", "code": 400}}},
         "Longer than the context."),
        ({"custom_id": "0", "error": None, "response": {"status_code": 500, "body": None}},
         "the response holds no choices (status 500)"),
        ({"custom_id": "0", "error": None, "response": {"status_code": 200, "body": {"choices": [
            {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "error"}]}}},
         "its finish reason is an error"),
        ({"custom_id": "0", "result": {"type": "errored", "error": {"type": "error", "error": {
            "type": "invalid_request_error", "message": "No."}}}}, "No."),
        ({"custom_id": "0", "result": {"type": "expired"}}, "the request is expired"),
        ({"custom_id": "0", "result": {"type": "canceled"}}, "the request is canceled"),
        ({"index": 0, "model": "m", "messages": chat_messages(ONE, answered=False),
          "model_output": {"model": "m", "choices": [], "error": "Connection lost"}}, "Connection lost"),
        ({"generation": "", "error": "context_window_exceeded", "num_generated_tokens": 0, "problem": "How?"},
         "context_window_exceeded"),
    ],
)  # fmt: skip
def test_a_call_that_failed_is_an_error(row: dict[str, Any], error: str, tmp_path: Path) -> None:
    """A request that failed, expired or was cancelled is an output with its reason, and no text to judge."""
    (output,) = outputs(tmp_path, row)
    assert (output.text, output.error) == ("", error)


def test_responses_and_completions_are_read_from_a_batch(tmp_path: Path) -> None:
    """OpenAI's Responses have messages and reasoning apart; completions have texts; several choices have no usage."""
    response = {"object": "response", "model": "o9", "status": "incomplete", "error": None,
                "incomplete_details": {"reason": "max_output_tokens"},
                "output": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
                           {"type": "message", "role": "assistant",
                            "content": [{"type": "output_text", "text": "So 10"}]}],
                "usage": {"input_tokens": 5, "output_tokens": 9,
                          "output_tokens_details": {"reasoning_tokens": 6}}}  # fmt: skip
    completion = {"object": "text_completion", "model": "c", "usage": {"prompt_tokens": 1, "completion_tokens": 2},
                  "choices": [{"text": "10", "finish_reason": "stop"}, {"text": "9", "finish_reason": "length"}]}  # fmt: skip
    first, *others = outputs(
        tmp_path,
        {"custom_id": "a", "error": None, "response": {"status_code": 200, "body": response}},
        {"custom_id": "b", "error": None, "response": {"status_code": 200, "body": completion}},
    )
    assert (first.text, first.reasoning, first.stop, first.model) == ("So 10", "Hm.", "length", "o9")
    assert (first.tokens.prompt, first.tokens.reasoning, first.tokens.answer, first.tokens.completion) == (5, 6, 3, 9)
    assert [(o.text, o.stop, o.repeat, o.tokens.completion) for o in others] == [
        ("10", "end", 0, None),
        ("9", "length", 1, None),
    ]


def test_a_batch_without_its_requests_has_no_prompt(tmp_path: Path) -> None:
    """Results are read where nothing lies beside them; requests alone are no log."""
    made = MAKERS["openai-batch"](tmp_path, [ONE])
    assert next(read_log(made).outputs).prompt is not None
    requests = made.with_name("batch_requests.jsonl")
    assert read_log(requests).harness == "totals"
    requests.unlink()
    assert next(read_log(made).outputs).prompt is None


def state(**changed: Any) -> dict[str, Any]:
    instance = {"input": {"text": "Which?"}, "id": "id1", "references": [
        {"output": {"text": "red"}, "tags": []}, {"output": {"text": "blue"}, "tags": ["correct"]}]}  # fmt: skip
    return {"instance": instance, "train_trial_index": 0, "request": {"model": "m", "prompt": "Which?\nA. red\nB. blue"},
            "output_mapping": {"A": "red", "B": "blue"},
            "result": {"success": True, "completions": [{"text": " B", "tokens": []}]}} | changed  # fmt: skip


def helm_log(tmp_path: Path, *states: dict[str, Any]) -> Log:
    return read_log(whole(tmp_path / "s.json", {"adapter_spec": {"model": "m"}, "request_states": list(states)}))


def test_helm_has_options_and_their_letter(tmp_path: Path) -> None:
    """Of joint choices the options are those that were shown, and the gold is the letter of the right one."""
    (output,) = helm_log(tmp_path, state()).outputs
    assert (output.text, output.gold, output.choices, output.question) == (" B", "B", ("red", "blue"), "Which?")


def test_helm_leaves_out_what_is_no_answer_to_the_item(tmp_path: Path) -> None:
    """Perturbed instances and scored options are unread, each with its reason; a failed request is an error."""
    perturbed = state()["instance"] | {"perturbation": {"name": "typos", "prob": 0.1}}
    failed = {"success": False, "completions": [], "error": "quota"}
    log = helm_log(
        tmp_path, state(instance=perturbed), state(reference_index=1), state(result=failed), state(result=None)
    )
    assert [(o.text, o.error) for o in log.outputs] == [
        ("", "quota"),
        ("", "the log holds no completion of this request"),
    ]
    assert [one.reason for one in log.unread] == [
        "the instance is perturbed (typos)",
        "the request scores one option's likelihood and holds no text of the model",
    ]
    assert log.unread[0].where == f"{tmp_path / 's.json'} row 1 part 1"


def test_a_score_of_several_completions_is_no_ones(tmp_path: Path) -> None:
    """Two completions of one request share one displayed score, which says nothing of either."""
    two = {"success": True, "completions": [{"text": "B", "tokens": []}, {"text": "A", "tokens": []}]}
    shown = {"instance_id": "id1", "predicted_text": "B", "train_trial_index": 0, "stats": {"exact_match": 1.0}}
    whole(tmp_path / "display_predictions.json", [shown])
    assert [(o.text, o.scores, o.repeat) for o in helm_log(tmp_path, state(result=two)).outputs] == [
        ("B", {}, 0),
        ("A", {}, 1),
    ]
    assert [o.scores for o in helm_log(tmp_path, state()).outputs] == [{"exact_match": 1.0}]


def test_opencompass_details_are_lists_or_objects(tmp_path: Path) -> None:
    """Details of an evaluator hold the answers of every repeat; they are all that is left, k-th to k-th."""
    details = [{"example_abbr": "gsm8k_7", "pred": ["10", "9"], "answer": ["10", "10"], "correct": [True, False]}]
    log = read_log(whole(tmp_path / "results" / "m" / "gsm8k.json", {"accuracy": 50.0, "details": details}))
    assert (log.harness, log.reported) == ("opencompass-details", {"accuracy": 50.0})
    assert [(o.text, o.gold, o.number, o.scores, o.model, o.repeat) for o in log.outputs] == [
        ("10", "10", "7", {"correct": 1.0}, "m", 0),
        ("9", "10", "7", {"correct": 0.0}, "m", 1),
    ]


def test_opencompass_predictions_of_options_are_no_texts(tmp_path: Path) -> None:
    """A file of perplexities has no text, and says so."""
    log = read_log(
        whole(tmp_path / "p.json", {"0": {"origin_prompt": "Q", "prediction": None, "label: A": {"PPL": 1}}})
    )
    assert list(log.outputs) == []
    assert [one.reason for one in log.unread] == ["it has no text in 'prediction'; were its options only scored?"]


def test_a_part_of_opencompass_predictions_has_numbers_of_its_own(tmp_path: Path) -> None:
    """The second part of a file begins at 0 again: its numbers name no item."""
    row = {"0": {"origin_prompt": "Q", "prediction": "x", "gold": "10"}}
    parts = [whole(tmp_path / "predictions" / "m" / f"gsm8k{part}.json", row) for part in ("", "_1")]
    assert [next(read_log(part).outputs).number for part in parts] == ["0", None]


def test_code_alone_becomes_a_block(tmp_path: Path) -> None:
    """The custom evaluator's list holds bare code; a model's reply would have it in a block."""
    file = whole(tmp_path / "o.json", [{"question_id": "abc_a", "code_list": ["print(1)", "```python\nx\n```"]}])
    log = read_log(file)
    assert log.harness == "livecodebench"
    assert [(o.text, o.item_id) for o in log.outputs] == [
        ("```python\nprint(1)\n```", "abc_a"),
        ("```python\nx\n```", "abc_a"),
    ]


def test_a_report_of_simple_evals_is_read_as_its_pages(tmp_path: Path) -> None:
    """The HTML alone says the same as the results do, with what was escaped put back."""
    one = ONE._replace(text="a < b & \\boxed{10}", reasoning=None)
    made = MAKERS["simple-evals"](tmp_path, [one, ONE])
    page = made.with_name(made.name.replace("_allresults.json", ".html"))
    (first, _), (same, _) = read_log(page).outputs, read_log(made).outputs
    assert (first.text, first.prompt, first.gold, first.scores) == (same.text, same.prompt, same.gold, same.scores)
    assert (first.text, first.gold, first.scores, first.answers) == (one.text, "10", {"score": 1.0}, {"score": "7"})


@pytest.mark.parametrize(
    ("preference", "scores"), [(2.0, {"preference": 1.0}), (1.0, {"preference": 0.0}), (0, {"preference": 0.5}),
                               (1.25, {"preference": 0.25}), (None, {}), (7, {})]
)  # fmt: skip
def test_a_preference_is_a_share_of_the_second(preference: Any, scores: dict[str, float], tmp_path: Path) -> None:
    """1 prefers the baseline, 2 the model, 0 is an old tie; anything else is no preference."""
    row = {"instruction": "Say hi.", "output_1": "a", "output_2": "b", "generator_2": "m", "preference": preference}
    (output,) = outputs(tmp_path, row)
    assert (output.text, output.model, output.scores) == ("b", "m", scores)


def test_the_second_rewardbench_has_many_texts(tmp_path: Path) -> None:
    """A row of version 2 lists its texts; the first num_correct are right, whatever their scores."""
    columns = {"text": [[chat_messages(ONE), chat_messages(ONE._replace(text="no"))]], "scores": [[0.2, 0.9]],
               "num_correct": [1], "results": [0], "id": ["7"], "subset": ["Math"], "model": "acme/rm"}  # fmt: skip
    log = read_log(whole(tmp_path / "rm.json", columns))
    assert [(o.text, o.rewards, o.scores, o.item_id) for o in log.outputs] == [
        (ONE.text, {"acme/rm": 0.2}, {"chosen": 1.0}, "7"),
        ("no", {"acme/rm": 0.9}, {"chosen": 0.0}, "7"),
    ]


@pytest.mark.parametrize(
    ("predictions", "texts"),
    [
        ("['It\\'s 10', \"so 9\"]", ["It's 10", "so 9"]),
        (["10"], ["10"]),
        ("plain text", ["plain text"]),
        ("[tensor(1), nan]", []),
        ("[" * 5000, []),
        ("[-1.5, -2.5]", []),
    ],
)
def test_old_details_spell_their_lists(predictions: Any, texts: list[str], tmp_path: Path) -> None:
    """A cell is a list, the Python text of one, or no text at all; nothing of it is run."""
    row = {"full_prompt": "Q", "predictions": predictions, "gold": "[' B']", "metrics": "{'em': np.float64(1.0)}"}
    log = read_log(lines(tmp_path / "log.jsonl", [row]))
    assert [(o.text, o.gold) for o in log.outputs] == [(text, " B") for text in texts]
    assert len(log.unread) == (not texts)


@pytest.mark.parametrize(
    ("row", "text", "reasoning", "prompt"),
    [
        ({"messages": [*chat_messages(ONE, answered=False),
                       {"role": "assistant", "content": "10", "reasoning_content": "8 + 2"}]}, "10", "8 + 2", None),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "Q"}]},
                       {"role": "assistant", "content": [{"type": "thinking", "thinking": "t"},
                                                         {"type": "text", "text": "10"}]}]}, "10", "t", "Q"),
        ({"messages": '[{"role": "user", "content": "Q"}]', "response": "10"}, "10", None, "Q"),
        ({"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "Q"},
                            {"from": "gpt", "value": "10"}]}, "10", None, "S\n\nQ"),
        ({"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "first"},
                       {"role": "user", "content": "Again."}, {"role": "assistant", "content": "10"}]},
         "10", None, "Q\n\nAgain."),
    ],
)  # fmt: skip
def test_chats_are_spelt_in_many_ways(
    row: dict[str, Any], text: str, reasoning: str | None, prompt: str | None, tmp_path: Path
) -> None:
    """The assistant's last turn is the output, in itself or in a field beside; users and system are the prompt."""
    (output,) = outputs(tmp_path, row)
    assert (output.text, output.reasoning) == (text, reasoning)
    assert prompt is None or output.prompt == prompt


def test_texts_beside_a_chat_are_samples(tmp_path: Path) -> None:
    """A list of responses to one chat is its samples in order; a chat without an answer is unread and named."""
    asked = chat_messages(ONE, answered=False)
    log = read_log(lines(tmp_path / "log.jsonl", [{"messages": asked, "response": ["10", "9"]}, {"messages": asked}]))
    assert [(o.text, o.repeat) for o in log.outputs] == [("10", 0), ("9", 1)]
    assert [(one.where, one.reason) for one in log.unread] == [
        (f"{tmp_path / 'log.jsonl'} row 2", "the chat ends without an answer, and no field holds one")
    ]


def test_what_a_run_of_matharena_costs_is_known_for_each(tmp_path: Path) -> None:
    """Counts of each run are its own; a total is believed only where there is one run."""
    run = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "10"}]
    row = {"idx": 1, "problem": "Q", "gold_answer": "10", "answers": ["10"], "correct": [True], "messages": [run],
           "cost": {"output_tokens": 30, "input_tokens": 2}}  # fmt: skip
    once, twice = whole(tmp_path / "1.json", row), whole(tmp_path / "2.json", row | {"messages": [run, run]})
    assert [o.tokens.completion for o in read_log(once).outputs] == [30]
    assert [(o.tokens.completion, o.scores) for o in read_log(twice).outputs] == [(None, {"correct": 1.0}), (None, {})]


@pytest.mark.parametrize(
    ("text", "prompt", "answer"),
    [
        ("<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n", "<|im_start|>user\nQ<|im_end|>\n", "A"),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|>", "", "A"),
        ("[INST] Q [/INST] A</s>", "[INST] Q ", " A"),
        ("no marks", None, "no marks"),
    ],
)
def test_a_template_is_taken_off(text: str, prompt: str | None, answer: str) -> None:
    """What stands behind the assistant's last mark is the answer."""
    assert unmarked(text) == (prompt, answer)


@pytest.mark.parametrize(
    "value", [None, 3, "[1, 2]", "[" * 4000, [], [{"content": "no role"}], ["x"], {"role": "user"}]
)
def test_what_is_no_chat_has_no_turns(value: Any) -> None:
    """Anything else is no chat, however it begins."""
    assert turns(value) == []


def test_options_of_the_user_name_fields_of_known_rows(tmp_path: Path) -> None:
    """A field that the user names is believed over what the layout says."""
    from rarl_eval.importers import Fields

    row = {"messages": chat_messages(ONE), "id": 1, "uid": "math-03", "rm": 0.5, "n": 40, "ok": "yes", "q": "Which?"}
    fields = Fields(id="uid", tokens="n", score="ok", rewards={"rm": "rm"}, question="q")
    (output,) = read_log(lines(tmp_path / "log.jsonl", [row]), "messages", fields).outputs
    assert (output.item_id, output.tokens.completion, output.scores) == ("math-03", 40, {"ok": 1.0})
    assert (output.rewards, output.question) == ({"rm": 0.5}, "Which?")


def test_a_row_that_breaks_the_layout_is_unread_and_named(tmp_path: Path) -> None:
    """One bad row costs that row."""
    good = {"instruction": "Q", "output": "10", "generator": "m"}
    log = log_of(tmp_path, good, {"instruction": "Q", "output": None, "generator": "m"}, good)
    assert [(one.where, one.reason) for one in log.unread] == [
        (f"{tmp_path / 'log.jsonl'} row 2", "it has no text in 'output'")
    ]


def test_a_log_is_read_from_folders_and_files_together(tmp_path: Path) -> None:
    """Two runs' folders and a file are one list of logs, each once."""
    first, second = MAKERS["helm"](tmp_path / "a", [ONE]), MAKERS["evalscope"](tmp_path / "b", [ONE])
    opened = open_logs([tmp_path / "a", tmp_path / "b", first])
    assert list(opened.logs) == [first, second]
    assert json.loads(first.read_text())["adapter_spec"]["model"] == "acme/thinker-7b"


def lm_eval_row(doc_id: int, name: str, right: float, text: str, shown: Any, left: str = "10") -> dict[str, Any]:
    return {"doc_id": doc_id, "doc": {"question": ONE.question}, "target": "10", "resps": [[text]], "filter": name,
            "filtered_resps": [left], "metrics": ["exact_match"], "exact_match": right,
            "arguments": {"gen_args_0": {"arg_0": shown, "arg_1": {"until": []}}}}  # fmt: skip


CHAT = chat_messages(ONE, answered=False)


@pytest.mark.parametrize("shown", [CHAT, [json.dumps(CHAT)], json.dumps(CHAT), [[{"role": "user", "content": "Q"}]]])
def test_lm_eval_shows_chats_as_lists_or_their_json(shown: Any, tmp_path: Path) -> None:
    """A chat model's prompt is a list of messages, the JSON of one, or that in a list."""
    (output,) = outputs(tmp_path, lm_eval_row(0, "none", 1.0, "10", shown))
    assert output.prompt is None if shown not in (CHAT, [json.dumps(CHAT)], json.dumps(CHAT)) else True
    assert output.prompt == (f"{CHAT[0]['content']}\n\n{CHAT[1]['content']}" if output.prompt else None)


def test_every_filters_score_is_kept(tmp_path: Path) -> None:
    """A document's rows stand far apart, one for each filter; a second run in the file is a second sample of each."""
    rows = [
        lm_eval_row(doc, name, right, text, "Q", left)
        for name, right, left in (("strict-match", 0.0, "[invalid]"), ("flexible-extract", 1.0, "10"))
        for text in ("So 10", "10!")
        for doc in (0, 1)
    ]
    found = outputs(tmp_path, *rows)
    assert [(o.number, o.text) for o in found] == [("0", "So 10"), ("1", "So 10"), ("0", "10!"), ("1", "10!")]
    for output in found:
        assert list(output.scores.items()) == [
            ("exact_match,strict-match", 0.0),
            ("exact_match,flexible-extract", 1.0),
        ]
        assert output.answers == {"exact_match,strict-match": "[invalid]", "exact_match,flexible-extract": "10"}


def test_a_filter_that_changes_nothing_has_read_nothing(tmp_path: Path) -> None:
    """The text is stored once: where the filter left it as it is, it is no answer that was read."""
    (output,) = outputs(tmp_path, lm_eval_row(0, "none", 1.0, "So 10", "Q", "So 10"))
    assert (output.scores, output.answers) == ({"exact_match,none": 1.0}, {})


def test_lightevals_documented_columns_are_its_columns(tmp_path: Path) -> None:
    """Details under the names of its documentation are the same details."""
    row = {"doc": {"query": ONE.question, "choices": ["10"], "gold_index": 0, "id": "3"},
           "model_response": {"text": [ONE.text], "output_tokens": [[1, 2]]}, "metric": {"em": 1.0}}  # fmt: skip
    (plain,) = outputs(tmp_path, row)
    (named,) = outputs(tmp_path, {f"__{name}__": value for name, value in row.items()})
    assert (plain, plain.text, plain.gold, plain.scores) == (named, ONE.text, "10", {"em": 1.0})


JUDGED = {
    "problem": ONE.question, "expected_answer": "10", "generation": ONE.text, "predicted_answer": "10",
    "num_generated_tokens": 300, "finish_reason": "length", "generation_time": 9.0, "reasoning_content": "The judge's.",
    "_full_generation": "<think>Compare.</think>Judgement: Yes",
}  # fmt: skip
"""A row of NeMo-Skills' judge: what it says of a call is the judge's."""


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("Reasoning: the same.\nJudgement: Yes", 1.0),
        ("Judgement: yes, they are", 1.0),
        ("Judgement: Yes\n... on second thought\nJudgement: No", 0.0),
        ("Judgement: Yes\nJudgement:", 0.0),
        ("**Judgement:** Yes", 0.0),
        ("Yes", 0.0),
        ("", 0.0),
    ],
)
def test_a_judgement_of_nemo_skills_is_its_own_reading_of_it(said: str, right: float, tmp_path: Path) -> None:
    """Yes behind the last mark is right and all else wrong, as its metrics count; the call is the judge's."""
    (output,) = outputs(tmp_path, {**JUDGED, "judgement": said})
    assert output.scores == {"judgement": right}
    assert (output.text, output.stop, output.seconds, output.tokens.completion) == (ONE.text, None, None, None)
    assert output.reasoning is None


def test_the_whole_generation_holds_the_answer(tmp_path: Path) -> None:
    """Of a model that reasons NeMo-Skills keeps the whole text, and the answer in it apart."""
    whole_text = f"<think>{ONE.reasoning}</think>\n\n{ONE.text}"
    (output,) = outputs(tmp_path, {**JUDGED, "_full_generation": whole_text})
    assert (output.text, output.tokens.completion, output.stop) == (whole_text, 300, "length")


@pytest.mark.parametrize(
    ("raw", "question", "choices"),
    [
        ({"question": "Which?", "choices": {"text": ["Lima", "Quito"], "label": ["A", "B"]}}, "Which?",
         ("Lima", "Quito")),
        ({"input": "Which?", "A": "Lima", "B": "Quito", "C": "Cusco", "D": "La Paz", "target": "A"}, "Which?",
         ("Lima", "Quito", "Cusco", "La Paz")),
        ({"Question": "Which?", "Correct Answer": "Lima", "Incorrect Answer 1": "Quito", "answer": "B"}, "Which?", ()),
    ],
)  # fmt: skip
def test_rows_of_evalscope_0_hold_a_row_of_the_data(
    raw: dict[str, Any], question: str, choices: tuple[str, ...], tmp_path: Path
) -> None:
    """ARC's, MMLU's and GPQA's spellings: of GPQA, whose options it shuffled, no order is taken for the one shown."""
    said = {"message": {"role": "assistant", "content": "A"}, "index": 0,
            "review": {"gold": "*Same as Input*", "pred": "A", "result": 1.0}}  # fmt: skip
    (output,) = outputs(tmp_path, {"answer_id": "answer-1", "index": 0, "raw_input": raw, "choices": [said]})
    assert (output.question, output.choices, output.gold, output.scores) == (question, choices, None, {"result": 1.0})
