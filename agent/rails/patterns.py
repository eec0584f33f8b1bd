"""What the rails look for in words: instructions to the software, promises, and advice that is not ours to give."""

from __future__ import annotations

import re

_OURS = r"(?:instructions?|prompts?|guidelines?|directions?|directives?|programming|safeguards?|assignments?|context)"
_RULES = r"(?:rules?|restrictions?|filters?|limitations?|policies|ethics)"
_DROP = r"(?:ignore|disregard|forget|override|bypass|overlook|drop|do\s+not\s+follow|don't\s+follow)"
_MODEL = r"(?:DAN|STAN|DUDE|AIM|chat\s?gpt|an?\s+(?:\w+\s+){0,3}(?:ai|chatbot|language\s+model|bot)|jailbr[eo]ak\w*)"
INJECTION_WAYS = (
    # drop what you were told
    rf"(?<!you\s)\b{_DROP}\b.{{0,40}}\b(?:previous|prior|above|earlier|all|any|your|system|the)\b.{{0,30}}\b{_OURS}\b",
    rf"(?<!you\s)(?<!they\s)\b(?:ignore|disregard|override|bypass)\b.{{0,30}}\b(?:your|all|any|system|safety)\b.{{0,20}}\b{_RULES}\b",
    r"\b(?:ignore|disregard|forget)\s+(?:everything|all)\s+(?:above|before|of\s+the\s+above|you\s+(?:were|have\s+been))\b",
    r"\b(?:ignore|disregard|forget)\s+the\s+above\b.{0,20}\b(?:output|print|say|tell|write|reveal|instead)\b",
    # tell me what you were told
    r"\bsystem\s*(?:[_ -]|\s)\s*(?:prompt|message|instructions?)\b",
    r"\b(?:your|the|its)\s+(?:full|exact|entire)?\s*(?:initial|original|hidden|secret|internal)\s+(?:system\s+)?"
    r"(?:prompts?|instructions?|configuration|directives?)\b",
    r"\b(?:reveal|print|show|repeat|output|leak|display|recite|translate|encode)\b.{0,40}\b(?:hidden|initial|your)\s+"
    r"(?:prompts?|instructions?|configuration)\b",
    r"\binstructions?\s+(?:that\s+)?you\s+(?:were|have\s+been)\s+given\b",
    r"\b(?:repeat|output|print|copy)\b.{0,20}\b(?:text|words|everything|conversation|message)\s+(?:above|before\s+this)\b"
    r"|\brepeat\s+the\s+above\b",
    # be somebody else
    rf"\byou\s+are\s+(?:now|going\s+to\s+(?:be|act|pretend)|about\s+to)\b.{{0,60}}\b{_MODEL}\b",
    rf"\b(?:pretend|act|behave|role-?\s?play|respond|answer)\b.{{0,30}}\b(?:as|to\s+be|being|like)\b.{{0,30}}\b{_MODEL}\b",
    r"\byou\s+are\s+(?:now\s+)?(?:in\s+developer\s+mode|an?\s+unrestricted|jailbroken|a\s+do\s+anything\s+now)\b",
    r"\b(?:enable|activate|simulate|enter|switch\s+to)\b.{0,20}\b(?:developer|debug|god|admin\w*|maintenance|jailbreak)\s+mode\b",
    r"\bdo\s+anything\s+now\b|\bDAN\s+mode\b|\bstrive\s+to\s+avoid\s+norms\b",
    r"\bfrom\s+now\s+on\b.{0,30}\byou\s+(?:will|must|are\s+going\s+to|shall)\b.{0,40}\b(?:act|answer|respond|reply|role-?\s?play|pretend)\b",
    r"\b(?:pretend|act)\b.{0,20}\b(?:have|had|with|under|as\s+though|as\s+if)\b.{0,20}\bno\s+(?:rules|restrictions|limits|filters)\b",
    r"\b(?:administrator|admin|developer|root)\s+override\b",
    # words that pose as the software's own
    r"<\s*/?\s*(?:system|assistant|tool|instructions?|information|important|admin)\s*>|\[\s*/?\s*(?:system|INST)\s*\]|<\|\w+\|>",
    r"^\s*(?:system|assistant|developer)\s*:\s*\S|\#{2,}\s*\(?\s*(?:system|instructions?|new\s+task)",
    r"\bnew\s+(?:system\s+)?instructions?\s*(?::|follow)|\byour\s+new\s+(?:instructions?|task|role|rules)\b",
    r"\b(?:ignora|ignore|ignoren|olvida|olvide)\b.{0,40}\b(?:instrucciones|tus\s+reglas|indicaciones\s+anteriores)\b"
    r"|\b(?:mensaje|prompt|instrucciones)\s+(?:del|de)\s+sistema\b|\bmodo\s+(?:desarrollador|administrador)\b",
)
INJECTION = re.compile("|".join(INJECTION_WAYS), re.I | re.M)
ADDRESSED = re.compile(
    r"(?:^|[\n.!?>\"'(\[])\W*(?:(?:dear|hey|hello|attention|attn|note\s+(?:to|for)|message\s+(?:to|for)|to|for|instructions?\s+(?:to|for)"
    r"|nota\s+(?:al|para\s+el)|mensaje\s+(?:al|para\s+el)|querido|atención)\s+)?(?:the\s+|this\s+|any\s+|all\s+)?"
    r"(?:ai(?:\s+(?:assistant|model|agent|system)s?)?|assistant|chatbot|bot|language\s+model|llm|asistente|ia)\s*[:,!]"
    r"|\b(?:dear|attention|note\s+(?:to|for)|message\s+(?:to|for)|instructions?\s+(?:to|for)|nota\s+(?:al|para\s+el))\s+(?:the\s+)?"
    r"(?:ai|assistant|chatbot|bot|language\s+model|llm|asistente|ia)\b"
    r"|\b(?:the|this|any)\s+(?:ai|assistant|chatbot|bot|language\s+model|llm)\s+(?:must|has\s+to|should|shall|needs\s+to|will|may)\b"
    r"|\b(?:you|debes?)\s+(?:must\s+|should\s+)?(?:call|use|run|invoke)\s+(?:the\s+)?(?:tool|function|\w+_\w+)\b"
    r"|\bdo\s+not\s+(?:tell|mention|inform)\b.{0,40}\b(?:customer|user|this)\b",
    re.I,
)
"""words that address the software: nobody writes so in a memo or a letter to us. For other people's words alone"""
PROMISE = re.compile(
    r"(?i)\b(?:i|we)\s+(?:guarantee|promise|assure you)\b|\bguaranteed\b(?! by)"
    r"|\byou(?:'ll| will) (?:definitely|certainly) (?:be approved|get|qualify|win)\b"
    r"|\b(?:le|se lo) (?:prometo|garantizo)\b"
)
ADVICE = re.compile(
    r"(?i)\b(?:you should|i(?:'d| would) (?:advise|recommend)(?: that)? you)\b.{0,40}"
    r"\b(?:sue|file for bankruptcy|declare bankruptcy|invest|buy|deduct|claim .{0,20}tax(?:es)?)\b"
)
LURE = re.compile(
    r"https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|info|io|ru|cn|biz|me|co)\b|\b[\w.+-]+@[\w-]+\.\w+"
    r"|\b(?:send|give|tell|type|enter|share|provide|confirm|reply\s+with|envíe|diga|escriba|comparta|confirme)\b.{0,40}"
    r"\b(?:password|passcode|pin|ssn|social\s+security|card\s+number|cvv|security\s+code|confirmation\s+code|token"
    r"|contraseña|clave|número\s+de\s+tarjeta|seguro\s+social)\b",
    re.I,
)
"""links, and requests for secrets: a model's draft has no use for either"""
THREAT = re.compile(
    r"\b(?:sue\s+you|take\s+you\s+to\s+court|garnish|have\s+you\s+arrested|you(?:'ll|\s+will)\s+be\s+(?:sued|arrested)|"
    r"call\s+your\s+(?:employer|boss|family)|lo\s+vamos\s+a\s+demandar)\b",
    re.I,
)
OUR_ID = re.compile(r"\b[a-z]{2,16}_[0-9A-Za-z_]{6,}\b")
"""a line, a payment, a proposal by its id"""
