"""Writes fuzz.json: tricky texts with the ids that transformers' CLIPTokenizer gives (run with transformers 5.17).

usage: python make_fuzz.py GOLDEN_DIR > fuzz.json   (GOLDEN_DIR holds clip-bpe/ and sd2-tiny/tokenizer/)
"""
import json, random, sys
from transformers import CLIPTokenizer

golden = sys.argv[1]
random.seed(20261123)
PIECES = [
    "a", "Church", "don't", "WE'LL", "'s", "'", "''", "!!", "!", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\u0085",
    "\u200b", "\ufeff", "\x00", "\x1c", "\x7f", "e\u0301", "\u00e9", "\u1100\u1161", "\uac00", "\u0130", "\u03a3", "\u03a3\u03a3",
    "\u01c5", "\u1e9e", "\u00df", "\ufb01", "\u212b", "\u00bd", "\u2167", "\u0663", "\U0001d7d8", "12345", "3.14", "x\u00b2",
    "\u6771\u4eac", "\uc11c\uc6b8", "\u0645\u0631\u062d\u0628\u0627", "\u0e01\u0e33", "\u0928\u093f", "\U0001f680",
    "\u2764\ufe0f\u200d\U0001f525", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "<|startoftext|>", "<|endoftext|>",
    "<|ENDOFTEXT|>", "<|endoftext", "(cat:1.2)", "[dog]", "foo_bar", "http://a.b/c?d=e", "#tag", "\u201cq\u201d", "\u2014",
    "\U00010400", "\u0345", "\u1fbc", "z\u0327\u030c", "\ud7a3", "\U000e0041", "\u00ad", "c\u0327", "\u0958", "\u0344",
]
texts = [""] + PIECES + ["a" * 300, "ab " * 120, "\u6771" * 90]
while len(texts) < 400:
    texts.append(random.choice(["", " "]).join(random.choice(PIECES) for _ in range(random.randint(2, 14))))
clip = CLIPTokenizer(f"{golden}/clip-bpe/vocab.json", f"{golden}/clip-bpe/merges.txt")
pads_with_bang = CLIPTokenizer.from_pretrained(f"{golden}/sd2-tiny/tokenizer")
rows = [{"text": t, "clip": clip(t, add_special_tokens=False).input_ids,
         "sd2-tiny": pads_with_bang(t, add_special_tokens=False).input_ids} for t in texts]
print("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]")
