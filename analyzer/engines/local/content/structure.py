"""How an answer is held together: an opening, words that show the way, a closing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.assessment import Structure

_SIGNPOST = re.compile(
    r"\b(?:first(?:ly| of all)?|second(?:ly)?|third(?:ly)?|finally|lastly|to begin with|then"
    r"|next(?=,| (?:I|we|step|thing)\b)"
    r"|after that|afterwards|for example|for instance|because|as a result|so(?= (?:I|we|the"
    r"|he|she|they|it|in)\b)|therefore|however|on the (?:one|other) hand|in short|to sum up"
    r"|in conclusion|that is why|that's why|that’s why|since then|before that|in the end"
    r"|the reason|for that reason|in addition|besides,|meanwhile,|(?<=[.!?] )now I|^now I"
    r"|on top of that|in other words"
    r"|there are (?:two|three|several)|the first (?:thing|step|reason|point|one is)"
    r"|another (?:thing|reason|point)|last but not least"
    r"|most importantly|what this means|this means|which means|either)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\b(?:hello|hi|good (?:morning|afternoon|evening|day)|my name is|thank you for|thanks for"
    r"|(?:i(?:'d|’d)|i would) like to (?:tell|talk|share|start|begin|describe|explain)"
    r"|let me (?:tell|start|share|explain|give|begin|think of|walk|take)"
    r"|i(?:'m|’m| am) going to (?:tell|talk|explain|describe|share)"
    r"|i(?:'ll|’ll| will) (?:talk|tell|explain|start|begin|describe|share|give)"
    r"|i want to (?:tell|talk|share|start)|i can (?:tell|think of)"
    r"|there are (?:two|three|four|several|many|a few) (?:reasons|things|parts|steps|points|ways)"
    r"|(?:the|my) (?:short answer|main (?:point|reason)|answer)|an example (?:is|was|that|would)"
    r"|one (?:example|time|situation) (?:that|is|was|would|i)|to answer (?:that|your)"
    r"|in (?:one sentence|short)|(?:great|good) question)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:in short|to sum up|in summary|to summari[sz]e|in conclusion|to conclude|overall"
    r"|all in all"
    r"|so that(?:'s|’s| is)|that(?:'s|’s| is) (?:why|how|my|what|it|basically|exactly|the)"
    r"|this is why"
    r"|^(?:so |and )?that was|thank you|thanks for|so in the end|i(?:'ve|’ve| have)? learn(?:ed"
    r"|t)|the lesson"
    r"|what I (?:took|take|learned)|takeaway|looking back|since then|finally|is exactly"
    r"|which is why"
    r"|i hope (?:that|this)|the main (?:thing|point)|at the end of the day|in a nutshell)\b"
    r"|^\W*so\b",
    re.IGNORECASE,
)


def structure_of(sentences: Sequence[str]) -> Structure:
    """Measure the structure of an answer that has at least one sentence."""
    return Structure(
        opening=_OPENING.search(sentences[0]) is not None,
        closing=len(sentences) > 1 and _CLOSING.search(sentences[-1]) is not None,
        signposts=sum(len(_SIGNPOST.findall(sentence)) for sentence in sentences),
    )
