"""Writes special-tokens.json: tokenizer folders that name special and added tokens in every way, with the reference's ids.

usage: python make_special_tokens.py GOLDEN_DIR > special-tokens.json   (GOLDEN_DIR holds sd1-tiny/tokenizer/)
"""
import json, os, shutil, sys, tempfile
from transformers import CLIPTokenizer

vocabulary = os.path.join(sys.argv[1], "sd1-tiny", "tokenizer")
BOS, EOS = "<|startoftext|>", "<|endoftext|>"
SIZE = 1514


def token(content, normalized=True, **flags):
    return {"content": content, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False, **flags}


def typed(content):
    return {"__type": "AddedToken", **token(content)}


named = {"bos_token": BOS, "eos_token": EOS, "pad_token": EOS, "unk_token": EOS}
config_sd1 = {"bos_token": typed(BOS), "eos_token": typed(EOS), "model_max_length": 77, "pad_token": EOS,
              "tokenizer_class": "CLIPTokenizer", "unk_token": typed(EOS)}
map_sd1 = {"bos_token": token(BOS), "eos_token": token(EOS), "pad_token": EOS, "unk_token": token(EOS)}
inversion = {
    "0": token("!", False, special=True),
    "1512": token(BOS, special=True),
    "1513": token(EOS, special=True),
    "1514": token("<Cat-Toy>", special=False),
    "1515": token("<Cat-Toy>_1", special=False),
    "1516": token("sks", special=False, single_word=True),
}
FOLDERS = {
    "no configuration": {},
    "names": {"tokenizer_config.json": named},
    "stable diffusion 1": {"tokenizer_config.json": config_sd1, "special_tokens_map.json": map_sd1},
    "stable diffusion 2": {"tokenizer_config.json": {**config_sd1, "pad_token": "!"},
                           "special_tokens_map.json": {**map_sd1, "pad_token": "!"}},
    "map overrides configuration": {"tokenizer_config.json": named, "special_tokens_map.json": {"pad_token": "!"}},
    "textual inversion": {"tokenizer_config.json": config_sd1, "special_tokens_map.json": map_sd1,
                          "added_tokens.json": {"<Cat-Toy>": SIZE, "<b>": SIZE + 1}},
    "tokens by id": {"tokenizer_config.json": {**config_sd1, "pad_token": "!", "added_tokens_decoder": inversion}},
    "tokens by id override the map": {
        "tokenizer_config.json": {**named, "added_tokens_decoder": {k: inversion[k] for k in ("1512", "1513")}},
        "special_tokens_map.json": {"pad_token": "!"}, "added_tokens.json": {"<b>": SIZE}},
    "additional special tokens": {"tokenizer_config.json": {**named, "additional_special_tokens": ["<X>", "<Y>"]}},
    "pad token of its own": {"tokenizer_config.json": {**named, "pad_token": "[PAD]"}},
}
PROMPTS = ["", "a <|endoftext|>b", "a <|ENDOFTEXT|> b", "<|StartOfText|>!<|endoftext|>!", "Hi! Ok!! a!b", "!",
           "a <cat-toy> <Cat-Toy>x <CAT-TOY>_1 <Cat-Toy>_2", "<B> <b>c <X> <x> <Y><y>", "[PAD] [pad]",
           "sks SKS sks's asks sks1 sks_ sks\u0301 (sks) sks\u200d sks\u0bbe \u200bsks", "e\u0301<|endoftext|>\u0301e"]

rows = []
for name, files in FOLDERS.items():
    with tempfile.TemporaryDirectory() as folder:
        for file in ("vocab.json", "merges.txt"):
            shutil.copy(os.path.join(vocabulary, file), folder)
        for file, content in files.items():
            json.dump(content, open(os.path.join(folder, file), "w"))
        reference = CLIPTokenizer.from_pretrained(folder)
        rows.append({"name": name, "files": files, "size": len(reference), "pad": reference.pad_token_id,
                     "prompts": [{"text": p, "ids": reference(p, add_special_tokens=False).input_ids} for p in PROMPTS]})
print("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]")
