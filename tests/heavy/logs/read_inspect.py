"""Print what inspect_ai itself reads from a log: ``python read_inspect.py LOG`` gives one JSON line a sample."""

import json
import sys

from inspect_ai.log import read_eval_log

for sample in read_eval_log(sys.argv[1]).samples or []:
    message = sample.output.choices[0].message
    parts = message.content if isinstance(message.content, list) else []
    usage = sample.output.usage
    row = {
        "id": sample.id,
        "text": message.text,
        "reasoning": [part.reasoning for part in parts if part.type == "reasoning"],
        "tokens": [usage.input_tokens, usage.output_tokens, usage.reasoning_tokens] if usage else None,
        "stop": sample.output.stop_reason,
    }
    print(json.dumps(row))
