"""Logs in the layouts that other programs publish, written here with their fields' names, none of their packages used.

Each maker writes what its program writes for a few answers and returns the file, or the folder, that a user would
give. The names are those of the public sources that docs/import.md lists.
"""

import html
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

MODEL = "acme/thinker-7b"


class Answered(NamedTuple):
    """One question, and what a model wrote."""

    id: str
    question: str
    gold: str
    text: str
    right: bool
    reasoning: str | None = None
    tokens: int = 12
    stop: str = "stop"


def prompt(one: Answered) -> str:
    """Return the question inside a scaffold."""
    return f"Solve this problem.\n\nQuestion: {one.question}\n\nPut the final answer within \\boxed{{}}."


def chat_messages(one: Answered, *, answered: bool = True) -> list[dict[str, Any]]:
    """Return the exchange as OpenAI spells it."""
    asked = [{"role": "system", "content": "You are a careful solver."}, {"role": "user", "content": prompt(one)}]
    return [*asked, {"role": "assistant", "content": one.text}] if answered else asked


def lines(path: Path, rows: Iterable[Any]) -> Path:
    """Write JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def whole(path: Path, value: Any) -> Path:
    """Write one JSON value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=4), "utf-8")
    return path


def openai_batch(folder: Path, answers: list[Answered]) -> Path:
    """OpenAI's batch, its requests beside the results, in another order."""
    requests = ({"custom_id": one.id, "method": "POST", "url": "/v1/chat/completions",
                 "body": {"model": MODEL, "messages": chat_messages(one, answered=False)}} for one in answers)  # fmt: skip
    lines(folder / "batch_requests.jsonl", requests)
    return lines(folder / "batch_output.jsonl", map(_openai_result, reversed(answers)))


def _openai_result(one: Answered) -> dict[str, Any]:
    message = {"role": "assistant", "content": one.text, "refusal": None}
    if one.reasoning:
        message["reasoning_content"] = one.reasoning
    usage = {"prompt_tokens": 30, "completion_tokens": one.tokens, "total_tokens": 30 + one.tokens,
             "completion_tokens_details": {"reasoning_tokens": 4}}  # fmt: skip
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL, "usage": usage,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": one.stop}]}  # fmt: skip
    return {"id": f"batch_req_{one.id}", "custom_id": one.id, "error": None,
            "response": {"status_code": 200, "request_id": "r", "body": body}}  # fmt: skip


def anthropic_batch(folder: Path, answers: list[Answered]) -> Path:
    """Anthropic's batch, with thinking, its requests beside the results."""
    requests = ({"custom_id": one.id, "params": {"model": MODEL, "max_tokens": 99,
                 "messages": chat_messages(one, answered=False)[1:]}} for one in answers)  # fmt: skip
    lines(folder / "requests.jsonl", requests)
    return lines(folder / "results.jsonl", map(_anthropic_result, reversed(answers)))


def _anthropic_result(one: Answered) -> dict[str, Any]:
    thinking = [{"type": "thinking", "thinking": one.reasoning, "signature": "s"}] if one.reasoning else []
    reason = {"stop": "end_turn", "length": "max_tokens"}[one.stop]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "stop_reason": reason,
               "stop_sequence": None, "content": [*thinking, {"type": "text", "text": one.text}],
               "usage": {"input_tokens": 30, "output_tokens": one.tokens}}  # fmt: skip
    return {"custom_id": one.id, "result": {"type": "succeeded", "message": message}}


def evalscope(folder: Path, answers: list[Answered]) -> Path:
    """EvalScope's predictions, with the reviews in the same tree."""
    name = "acme__thinker/gsm8k_main.jsonl"
    lines(folder / "reviews" / name, (_review(n, one) for n, one in enumerate(answers)))
    return lines(folder / "predictions" / name, (_prediction(n, one) for n, one in enumerate(answers)))


def evalscope_reviews(folder: Path, answers: list[Answered]) -> Path:
    """EvalScope's reviews alone."""
    return lines(folder / "reviews" / MODEL / "gsm8k_main.jsonl", (_review(n, one) for n, one in enumerate(answers)))


def _prediction(index: int, one: Answered) -> dict[str, Any]:
    content: Any = one.text
    if one.reasoning:
        content = [{"type": "reasoning", "reasoning": one.reasoning}, {"type": "text", "text": one.text}]
    message = {"id": "5b", "content": content, "source": "generate", "role": "assistant", "tool_calls": None}
    reason = {"stop": "stop", "length": "max_tokens"}[one.stop]
    output = {"id": "c", "model": MODEL, "time": 2.5, "metadata": None, "error": None,
              "choices": [{"message": message, "stop_reason": reason, "logprobs": None}],
              "usage": {"input_tokens": 30, "output_tokens": one.tokens, "total_tokens": 30 + one.tokens,
                        "reasoning_tokens": 4}}  # fmt: skip
    asked = [{"id": "a", "content": prompt(one), "source": None, "role": "user", "tool_call_id": None}]
    return {"index": index, "model": MODEL, "model_output": output, "messages": [*asked, message], "metadata": None}


def _review(index: int, one: Answered) -> dict[str, Any]:
    score = {"value": {"acc": float(one.right)}, "extracted_prediction": "7", "prediction": one.text,
             "explanation": None, "metadata": {}, "main_score_name": "acc"}  # fmt: skip
    scored = {"score": score, "sample_id": index, "group_id": index, "sample_metadata": {}}
    return {"index": index, "input": f"**User**: \n{prompt(one)}", "target": one.gold, "sample_score": scored}


def evalscope_0(folder: Path, answers: list[Answered]) -> Path:
    """EvalScope 0.x's reviews, which repeat the prediction."""
    return lines(folder / "reviews" / "thinker" / "gsm8k_main.jsonl", map(_old_review, answers))


def _old_review(one: Answered) -> dict[str, Any]:
    review = {"gold": one.gold, "pred": "7", "result": float(one.right)}
    choice = {"index": 0, "message": {"content": one.text, "role": "assistant"}, "finish_reason": one.stop,
              "review": review}  # fmt: skip
    return {"answer_id": "answer-1", "choices": [choice], "created": 1, "model": MODEL, "object": "chat.completion",
            "usage": {"prompt_tokens": 30, "completion_tokens": one.tokens}, "subset_name": "main",
            "model_spec": {"model_id": MODEL}, "raw_input": {"question": one.question, "answer": one.gold},
            "index": int(one.id), "reviewed": True, "review_id": "r"}  # fmt: skip


def helm(folder: Path, answers: list[Answered]) -> Path:
    """One run of HELM: the scenario's state, the displayed predictions and the instances."""
    whole(folder / "instances.json", [_instance(one) for one in answers])
    shown = [{"instance_id": f"id{one.id}", "predicted_text": one.text, "train_trial_index": 0, "base64_images": [],
              "stats": {"exact_match": float(one.right), "num_output_tokens": 9.0}} for one in answers]  # fmt: skip
    whole(folder / "display_predictions.json", shown)
    whole(folder / "run_spec.json", {"name": "gsm", "adapter_spec": {"method": "generation", "model": MODEL}})
    spec = {"method": "generation", "model": MODEL, "max_train_instances": 0, "max_tokens": 400, "num_outputs": 1}
    return whole(folder / "scenario_state.json", {"adapter_spec": spec, "request_states": list(map(_state, answers))})


def helm_display(folder: Path, answers: list[Answered]) -> Path:
    """What is left of a run where only the pages' files were kept."""
    helm(folder, answers).unlink()
    return folder / "display_predictions.json"


def _instance(one: Answered) -> dict[str, Any]:
    references = [{"output": {"text": one.gold}, "tags": ["correct"]}]
    return {"input": {"text": one.question}, "references": references, "split": "test", "id": f"id{one.id}"}


def _state(one: Answered) -> dict[str, Any]:
    completion = {"text": one.text, "logprob": -3.0, "finish_reason": {"reason": one.stop},
                  "tokens": [{"text": "x", "logprob": -1.0}] * one.tokens}  # fmt: skip
    if one.reasoning:
        completion["thinking"] = {"text": one.reasoning}
    result = {"success": True, "completions": [completion], "cached": False, "embedding": [], "request_time": 2.5}
    request = {"model": MODEL, "model_deployment": MODEL, "prompt": prompt(one), "num_completions": 1}
    return {"instance": _instance(one), "train_trial_index": 0, "request": request, "result": result,
            "num_train_instances": 0, "prompt_truncated": False, "num_conditioning_tokens": 0}  # fmt: skip


def matharena(folder: Path, answers: list[Answered]) -> Path:
    """MathArena's folder of a model: a file for each problem, with two runs."""
    model = folder / "outputs" / "aime" / "acme-thinker"
    for one in answers:
        whole(model / f"{one.id}.json", _problem(one))
    return model


def _problem(one: Answered) -> dict[str, Any]:
    thought = [{"role": "assistant", "type": "cot", "content": one.reasoning}] if one.reasoning else []
    run = [{"role": "user", "content": prompt(one)}, *thought,
           {"role": "assistant", "type": "response", "content": one.text}]  # fmt: skip
    cost = {"cost": 0.1, "input_tokens": 30, "output_tokens": one.tokens, "time": 2.5}
    return {"idx": int(one.id), "problem": one.question, "gold_answer": one.gold, "source": None, "types": [],
            "N": 2, "cost": cost, "pass_at_1": float(one.right), "answers": ["7", "7"],
            "correct": [one.right, one.right], "warnings": [False, False], "messages": [run, run],
            "judgment": [None, None], "history": [None, None], "detailed_costs": [cost, cost]}  # fmt: skip


def matharena_table(folder: Path, answers: list[Answered]) -> Path:
    """MathArena's published table of outputs, as Parquet."""
    rows = [{"problem_idx": int(one.id), "problem": one.question, "model_name": MODEL, "model_config": "acme/t",
             "idx_answer": 0, "user_message": prompt(one), "answer": one.text, "parsed_answer": "7",
             "gold_answer": one.gold, "correct": one.right, "input_tokens": 30, "output_tokens": one.tokens,
             "cost": 0.1} for one in answers]  # fmt: skip
    return table(folder / "train-00000-of-00001.parquet", rows)


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def opencompass(folder: Path, answers: list[Answered]) -> Path:
    """OpenCompass's work folder: predictions of a chat model, and the evaluator's details."""
    opencompass_details(folder, answers)
    rows = {str(n): {"origin_prompt": [{"role": "HUMAN", "prompt": prompt(one)}], "prediction": one.text,
                     "gold": one.gold, "res_length": one.tokens} for n, one in enumerate(answers)}  # fmt: skip
    return whole(folder / "predictions" / "acme-thinker" / "gsm8k.json", rows)


def opencompass_details(folder: Path, answers: list[Answered]) -> Path:
    """OpenCompass's result with the details that it formats itself."""
    details = {str(n): {"prompt": [{"role": "HUMAN", "prompt": prompt(one)}], "origin_prediction": one.text,
                        "predictions": "7", "references": one.gold, "correct": one.right}
               for n, one in enumerate(answers)}  # fmt: skip
    value = {"accuracy": 33.33, "details": {"type": "GEN", **details}}
    return whole(folder / "results" / "acme-thinker" / "gsm8k.json", value)


def livecodebench(folder: Path, answers: list[Answered]) -> Path:
    """LiveCodeBench's outputs before and after grading, two samples a problem."""
    model = folder / "output" / "acme-thinker"
    rows = [{"question_title": "T", "question_content": one.question, "platform": "leetcode", "question_id": one.id,
             "contest_id": "c", "contest_date": "2024-01-01T00:00:00", "starter_code": "", "difficulty": "easy",
             "output_list": [one.text, one.text], "code_list": ["", ""]} for one in answers]  # fmt: skip
    whole(model / "Scenario.codegeneration_2_0.2.json", rows)
    whole(model / "Scenario.codegeneration_2_0.2_eval.json", [{"pass@1": 0.3, "detail": {"pass@1": {}}}, {}, []])
    graded = [row | {"graded_list": [one.right, one.right], "pass@1": float(one.right), "metadata": ["{}", "{}"]}
              for row, one in zip(rows, answers, strict=True)]  # fmt: skip
    return whole(model / "Scenario.codegeneration_2_0.2_eval_all.json", graded)


def lighteval_old(folder: Path, answers: list[Answered]) -> Path:
    """lighteval 0.8's details, each cell as text."""
    rows = [{"example": prompt(one), "instruction": "", "full_prompt": prompt(one), "num_effective_few_shots": "0",
             "num_asked_few_shots": "0", "predictions": str([one.text]), "prediction_logits": "[]",
             "input_tokens": "[[1, 2]]", "cont_tokens": str([list(range(one.tokens))]), "truncated": "[0]",
             "padded": "[0]", "gold": str([one.gold]), "pred_logits": "[]", "choices": "[]", "gold_index": "[]",
             "metrics": str({"extractive_match": float(one.right)}), "specifics": "None"} for one in answers]  # fmt: skip
    date = "2025-03-01T00-00-00.000000"
    return table(folder / "details" / MODEL / date / f"details_lighteval|gsm8k|0_{date}.parquet", rows)


def nemo_skills(folder: Path, answers: list[Answered]) -> Path:
    """NeMo-Skills' folder of a benchmark: a file for each of two seeds."""
    rows = [{"generation": one.text, "num_generated_tokens": one.tokens, "finish_reason": one.stop,
             "generation_start_time": 1.0, "generation_end_time": 3.5, "generation_time": 2.5, "id": one.id,
             "problem": one.question, "expected_answer": one.gold, "predicted_answer": "7",
             "symbolic_correct": one.right}
            | ({"reasoning_content": one.reasoning} if one.reasoning else {}) for one in answers]  # fmt: skip
    lines(folder / "gsm8k" / "output-rs0.jsonl", rows)
    lines(folder / "gsm8k" / "output-rs1.jsonl", rows)
    whole(folder / "gsm8k" / "metrics.json", {"gsm8k": {"pass@1": {"num_entries": 3}}})
    return folder / "gsm8k"


def simple_evals(folder: Path, answers: list[Answered]) -> Path:
    """simple-evals' report, its metrics, and the results with every conversation."""
    pages = list(map(_page, answers))
    body = "".join(f"\n    {page}\n    <hr>\n    " for page in pages)
    table_ = "<h1>Metrics</h1>\n<table>\n<tr><td><b>Score</b></td><td>0.333</td></tr>\n</table>"
    report = f"<!DOCTYPE html>\n<html>\n<body>\n{table_}\n<h1>Examples</h1>{body}\n</body>\n</html>"
    folder.mkdir(parents=True, exist_ok=True)
    name = "math_acme-thinker_20250131_120000"
    (folder / f"{name}.html").write_text(report, "utf-8")
    whole(folder / f"{name}.json", {"chars": 10.0, "chars:std": 2.0, "score": 1 / 3})
    return whole(folder / f"{name}_allresults.json", {
        "score": 1 / 3, "metrics": {"chars": 10.0}, "htmls": pages, "convos": [chat_messages(one) for one in answers],
        "metadata": None})  # fmt: skip


def _page(one: Answered) -> str:
    def message(role: str, content: str) -> str:
        return (f'\n<div class="message {role}">\n    <div class="role">\n    {role}\n    \n    </div>\n'
                f'    <div class="content">\n    <pre>{html.escape(content)}</pre>\n    </div>\n</div>\n')  # fmt: skip

    asked = "".join(message(turn["role"], turn["content"]) for turn in chat_messages(one, answered=False))
    return (f"\n<h3>Prompt conversation</h3>\n{asked}\n<h3>Sampled message</h3>\n{message('assistant', one.text)}\n"
            f"<h3>Results</h3>\n<p>Correct Answer: {html.escape(one.gold)}</p>\n<p>Extracted Answer: 7</p>\n"
            f"<p>Score: {float(one.right)}</p>\n")  # fmt: skip


def alpaca_eval(folder: Path, answers: list[Answered]) -> Path:
    """AlpacaEval's outputs of a model, with a judge's annotations in a folder of the judge's."""
    alpaca_eval_annotations(folder / "weighted_alpaca_eval_gpt4_turbo", answers)
    rows = [{"dataset": "helpful_base", "instruction": one.question, "output": one.text, "generator": MODEL}
            for one in answers]  # fmt: skip
    return whole(folder / "model_outputs.json", rows)


def alpaca_eval_annotations(folder: Path, answers: list[Answered]) -> Path:
    """AlpacaEval's annotations."""
    return whole(folder / "annotations.json", [
        {"instruction": one.question, "dataset": "helpful_base", "output_1": "Dunno.", "generator_1": "gpt4_turbo",
         "output_2": one.text, "generator_2": MODEL, "annotator": "weighted_alpaca_eval_gpt4_turbo",
         "preference": 1.0 + one.right, "time_per_example": 1.0, "price_per_example": 0.01, "raw_completion": None}
        for one in answers])  # fmt: skip


def rewardbench(folder: Path, answers: list[Answered]) -> Path:
    """RewardBench's scores of a reward model: one object of columns, a chosen and a rejected text each."""

    def shown(one: Answered, text: str) -> str:
        return f"<|im_start|>user\n{prompt(one)}<|im_end|>\n<|im_start|>assistant\n{text}<|im_end|>\n"

    chosen = [one for one in answers if one.right]
    value = {"text_chosen": [shown(one, one.text) for one in chosen],
             "text_rejected": [shown(one, "It is \\boxed{-1}.") for one in chosen], "id": [one.id for one in chosen],
             "results": [1 for _ in chosen], "subset": ["math-prm" for _ in chosen],
             "scores_chosen": [[1.5] for _ in chosen], "scores_rejected": [[-0.5] for _ in chosen],
             "model": "acme/rm", "model_type": "Seq. Classifier", "chat_template": "tokenizer"}  # fmt: skip
    return whole(folder / "eval-set-scores" / "acme" / "rm.json", value)


def messages(folder: Path, answers: list[Answered]) -> Path:
    """Chats with the answer in them."""
    return lines(folder / "chats.jsonl", ({"messages": chat_messages(one), "id": one.id, "model": MODEL,
                 "ground_truth": one.gold} for one in answers))  # fmt: skip


def sharegpt(folder: Path, answers: list[Answered]) -> Path:
    """Chats as ShareGPT spells them."""
    return lines(folder / "sharegpt.jsonl", ({"id": one.id, "conversations": [
        {"from": "human", "value": prompt(one)}, {"from": "gpt", "value": one.text}]} for one in answers))  # fmt: skip


MAKERS: dict[str, Callable[[Path, list[Answered]], Path]] = {
    "openai-batch": openai_batch,
    "anthropic-batch": anthropic_batch,
    "evalscope": evalscope,
    "evalscope-reviews": evalscope_reviews,
    "evalscope-0": evalscope_0,
    "helm": helm,
    "helm-display": helm_display,
    "matharena": matharena,
    "matharena-table": matharena_table,
    "opencompass": opencompass,
    "opencompass-details": opencompass_details,
    "livecodebench": livecodebench,
    "lighteval-old": lighteval_old,
    "nemo-skills": nemo_skills,
    "simple-evals": simple_evals,
    "alpaca-eval": alpaca_eval,
    "alpaca-eval-annotations": alpaca_eval_annotations,
    "rewardbench": rewardbench,
    "messages": messages,
}
"""A maker for each shipped reader, by the reader's name."""
