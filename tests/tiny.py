"""Tiny random models for the tests that need a real one: two layers, a word-level tokenizer, a chat template."""

from pathlib import Path


def build(folder: Path, kind: str = "llama") -> Path:
    """Write a random causal model of ``kind`` (``llama`` or ``qwen2``) with its tokenizer; about 300 kB."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    torch.manual_seed(0)
    vocabulary = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}
    alphabet = [c for c in sorted(pre_tokenizers.ByteLevel.alphabet()) if c.isascii()] + ["Ġ", "Ċ"]
    vocabulary.update((c, i) for i, c in enumerate(alphabet, start=len(vocabulary)))
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    thinking = "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% elif enable_thinking is defined %}<think>\n{% endif %}"
    fast.chat_template = (
        "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}[assistant] "
        + thinking
        + "{% endif %}"
    )
    size = {
        "vocab_size": len(vocabulary), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
    }  # fmt: skip
    make = {
        "llama": lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(**size)),
        "qwen2": lambda: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**size)),
    }
    make[kind]().save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
