"""What the rails look for in words: instructions to the software, promises, and advice that is not ours to give."""

from __future__ import annotations

import re

INJECTION = re.compile(
    r"(?ix)"
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|all|your|system)\b.{0,30}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?|directions?|programming|restrictions?)\b"
    r"|\b(?:reveal|print|show|repeat|output|leak)\b.{0,30}\b(?:system|hidden|initial|secret)\s+(?:prompt|instructions?|message)\b"
    r"|\byou\s+are\s+(?:now\s+)?(?:DAN|in\s+developer\s+mode|an?\s+unrestricted|jailbroken)\b"
    r"|\b(?:pretend|act)\b.{0,30}\bno\s+(?:rules|restrictions|limits|filters)\b"
    r"|<\s*/?\s*(?:system|assistant|tool)\s*>|\[\s*(?:system|INST)\s*\]|<\|im_(?:start|end)\|>"
    r"|\bignora\b.{0,40}\b(?:instrucciones|reglas)\b"
)
PROMISE = re.compile(
    r"(?i)\b(?:i|we)\s+(?:guarantee|promise|assure you)\b|\bguaranteed\b(?! by)"
    r"|\byou(?:'ll| will) (?:definitely|certainly) (?:be approved|get|qualify|win)\b"
    r"|\b(?:le|se lo) (?:prometo|garantizo)\b"
)
ADVICE = re.compile(
    r"(?i)\b(?:you should|i(?:'d| would) (?:advise|recommend)(?: that)? you)\b.{0,40}"
    r"\b(?:sue|file for bankruptcy|declare bankruptcy|invest|buy|deduct|claim .{0,20}tax(?:es)?)\b"
)
