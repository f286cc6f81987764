"""Writes tricky.json: texts over all of Unicode with the ids of transformers' CLIPTokenizer and what they decode to.

usage: python make_tricky.py GOLDEN_DIR > tricky.json   (GOLDEN_DIR holds clip-bpe/)
"""
import json
import random
import sys
from transformers import CLIPTokenizer

clip = CLIPTokenizer(f"{sys.argv[1]}/clip-bpe/vocab.json", f"{sys.argv[1]}/clip-bpe/merges.txt")
rng = random.Random(2026)
texts = [
    "", "   ", "\t\n\r ", "\u00a0", "\u3000a\u2003b", "a\u0085b", "a\u001cb\u001fc", "\x00", "a\x00b\x7f",
    "\u200b zero\u200bwidth", "soft\u00adhyphen", "\ufeffbom", "x\u2028y\u2029z",
    "don't can't I'm we'll they've you're he'd it's", "DON'T I'M WE'LL", "'s 't 're 've 'm 'll 'd", "''s '''ll '' '",
    "'sx's", "o'clock 'tis rock'n'roll", "don’t it’s", "0123456789", "3.14159", "1,000,000", "¼ ½ ² ³ ①",
    "Ⅷ ⅷ ٣٤٥ 一二三", "x2y3", "4k 8K uhd", "1st 2nd", "É é E\u0301 e\u0301", "Å Å A\u030a", "ﬁ ﬂ ſ ß ẞ",
    "İstanbul IĞDIR ıI", "ΣΊΣΥΦΟΣ ΟΔΟΣ Σ", "ǅ ǈ ǋ Ǆ", "ᏣᎳᎩ ꭰ", "Ω K (kelvin) Å", "\u0301\u0323a",
    "a\u0323\u0301 a\u0301\u0323", "\u1e9b\u0323", "각 가\u11a8 ㄱㅏ", "がぱ か\u3099は\u309a", "नमस्ते दुनिया",
    "สวัสดีชาวโลก", "שלום עולם", "مرحبا بالعالم", "你好，世界", "東京タワーの写真", "안녕하세요", "Привет, МИР!", "ქართული ᲥᲐᲠᲗᲣᲚᲘ",
    "𐐀𐐨 𝐀𝟘 𝒳", "𠀀𪚥𰀀𱍊", "Ἀθῆναι ᾼ ᾳ", "😀", "👩‍👩‍👧‍👦 family", "🏳️‍🌈🇩🇪", "❤️ ❤", "a😀b", "👍🏽👍", "🧿🫠🩷🪿", "<|endoftext|>",
    "<|startoftext|>", "a<|endoftext|>b", "<|startoftext|>a cat<|endoftext|>", "<|ENDOFTEXT|>", "<|StartOfText|>!",
    ".<|ENDOFTEXT|>.", "<|ENDOFTEXT|>'s", "< |endoftext|>", "<|endoftext|", "<|<|endoftext|>|>",
    "<|endoftext|><|endoftext|>", "<|endoftext|> 's", "e\u0301<|endoftext|>\u0301e", "!!!", "a!b", "?!?!...",
    "((masterpiece:1.2)), [low quality]", "--ar 16:9", "<lora:x:0.8>", "http://example.com/a?b=c&d=e#f",
    "user@example.org", "C:\\path\\file", "50% off $9.99 €5 £3", "a_b_c __init__", "#hashtag @user",
    "\"quoted\" “curly” «guillemets»", "a - b – c — d", "…", "•◦‣", "← → ⇒", "∑∫√∞≈≠", "©®™", "½cup", "\\n\\t",
    "</w>", "a</w>b", "Ġ Ċ ġ", "▁ underscore", "supercalifragilisticexpialidocious",
    "pneumonoultramicroscopicsilicovolcanoconiosis", "a" * 300, "ha" * 120, "word " * 100, "aAaAaA" * 20, "!?" * 80,
    "1" * 90, "é" * 90, "漢" * 60, "😀" * 30, "\ue000 private", "\ufffd", "\U0010ffff", "\uffff\ufffe", "\u0378\u0379",
    "\u0870\u0888 x", "\u1c89\u1c8a", "\ua7c0\ua7d0x", "\U00010570\U00010597", "\U00016ea0x", "\U00011bf0\U00011bf1",
    "a\U0001ccf0b", "\U0002ebf0\U000323af", "\U000116d0", "\u0600\u06dd", "\u180e a\u180eb", "\u2060x", "a\u0488b",
    "\u20dd", "²\u0301", "ª º", "ʰʷ", "\u02bcs don\u02bct", "ⓐⒶ Ⓩ", "ａＡ１！", "℃ ℡ №", "ꟲ ꟳ", "㍿ ㌀", "\u0345 \u1fbe",
]
POOLS = [
    "abcdefghijklmnopqrstuvwxyz   ",
    "ABCabc'stmdlrve ",
    "0123456789 .,",
    "éÉe\u0301\u0323\u0308ÅåñÑ ",
    "漢字かなカナ가각 ",
    "😀👍🏽\u200d❤\ufe0f🇩🇪",
    "αΣσςΩ ДжЂ ",
    "<|endoftext|> <|startoftext|>",
    "'\"!?()[]{}<>|/\\ ",
    "\t\n\r\u00a0\u2003\u3000\u0085\u001c x",
    "İIıißẞſK ",
    "नमस्ते สวัสดี שלום ",
    "\u0300\u0301\u0327\u0328\u0345\u05b0\u0591a ",
    "①Ⅷ½²٣ a",
]
for _ in range(175):
    pool = "".join(rng.sample(POOLS, rng.randint(1, 3)))
    size = rng.choice([3, 8, 20, 40])
    texts.append("".join(rng.choice(pool) for _ in range(size)))
for _ in range(25):
    text = ""
    while len(text) < 12:
        point = rng.randrange(0x20, 0x30000)
        if not 0xD800 <= point < 0xE000:
            text += chr(point)
    texts.append(text)
rows = []
for text in texts:
    ids = clip(text, add_special_tokens=False).input_ids
    rows.append({"text": text, "ids": ids, "decoded": clip.decode(ids)})
print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
