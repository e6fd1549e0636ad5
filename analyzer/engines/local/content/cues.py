"""The words by which the parts of a story can be heard: what happened, what one did, how it ended.

Nothing here is a score. No pattern repeats a repetition, so its time grows with the text alone.
"""

from __future__ import annotations

import re

_VERBS = (
    "asked|called|rang|phoned|emailed|made|built|wrote|set|told|talked|spoke|suggested|proposed"
    "|offered|organi[sz]ed|scheduled|planned|created|implemented|developed|designed|measured|tested"
    "|checked|compared|presented|explained|described|went|drove|sent|fixed|mended|rebuilt|repaired"
    "|worked|helped|volunteered|started|began|decided|chose|prepared|recorded|counted|found out"
    "|looked|listened|met|apologi[sz]ed|cut|moved|switched|divided|delegated|assigned|trained"
    "|taught|coached|moderated|ran|led|communicated|discussed|negotiated|researched|analy[sz]ed"
    "|used|introduced|split|label+ed|took|stayed|gathered|reviewed|documented|rewrote|convinced"
    "|persuaded|invited|arranged|added|removed|replaced|put|kept|collected|adjusted|redistributed"
    "|coordinated|raised|pushed|shared|showed|gave|got|brought|tried|practi[sc]ed|crossed|repeated"
    "|drew|let|drafted|automated|refactored|investigated|traced|tracked|followed|mapped|listed"
    "|sorted|priorit?i[sz]ed|simplified|stopped|cancell?ed|closed|opened|sat|visited|interviewed"
    "|observed|monitored|mentored|supported|bought|borrowed|ordered|sold|cleaned|cooked|packed"
    "|carried|calculated|estimated|reported|escalated|informed|warned|admitted|confronted"
    "|clarified|approached|contacted|reached out|stepped|jumped|pulled|joined|formed|founded"
    "|launched|rolled|installed|configured|debugged|migrated|updated|changed|reworked|restructured"
    "|reorgani[sz]ed|rearranged|renegotiated|translated|edited|published|posted|printed|typed"
    "|noted|studied|read|searched|looked up|dug|broke|rehearsed|demonstrated|illustrated"
    "|agreed to|insisted|refused|declined|pointed|focus+ed|concentrated|handed|hired|recruited"
    "|facilitated|mediated|resolved|solved|handled|dealt|managed to|took over|worked out|came up"
)
"""What somebody did, in the past."""

_NOW_VERBS = (
    "ask|call|make|build|write|set up|tell|suggest|propose|offer|organi[sz]e|plan|create|design"
    "|measure|test|check|compare|explain|send|fix|rebuild|start|begin|decide|prepare|record|look"
    "|listen|apologi[sz]e|cut|move|switch|train|teach|discuss|negotiate|use|introduce|split|take"
    "|gather|review|rewrite|convince|invite|arrange|add|remove|replace|collect|push|share|show"
    "|give|bring|try|draw|go to|go back|sit down|talk to|speak to|work on|put"
)
"""The same by who tells a story as if it happened now: "so I call the customer and I say"."""

_NO_DEED = (
    "want|need|like|love|hat|enjoy|notic|reali[sz]|learn|disagree|argu|quarrel+|worri|fear|hop|wish"
    "|believ|receiv|fail|miss|liv|own|seem|happen|graduat|turn|suppos|expect|trust|remember|struggl"
    "|suffer|complain|rel[iy]|slip+|overlook|underestimat|overestimat|ignor|assum|misread|mistreat"
    "|panick|work|laugh|cri|stress|tir|bor|scar|confus|admir|prefer+|doubt|regret+|us|wonder|figur"
    "|deserv|lack|depend|agre|delet|crash|promis"
)
"""Beginnings of past forms in `ed` that tell what befell or moved somebody, not what they did."""

_SOON = r"(?:\w+ly |also |then |first |even |just |immediately |finally |had |simply |now |again )?"

ACTION = re.compile(
    rf"\b(?:I|we)(?:'ve|’ve|'d|’d| have)? {_SOON}(?:{_VERBS})\b"
    r"|\b(?:so|then|first|next|finally|afterwards|after that),? (?:I|we) (?:also )?\w+ed\b"
    rf"|\b(?:I|we)(?:'ve|’ve| have)? {_SOON}(?!(?:{_NO_DEED})e?d\b)[a-z]{{2,}}ed\b"
    r"|\b(?:I|we) (?:\w+ly )?(?:sought|held|spent|undertook|dove|dived|spoke|stood|made sure|won)\b"
    r"|\bI was able to\b|\bby \w+ing (?:the|a|my|our|each|every|all|them|it|small|regular)\b"
    rf"|\b(?:so|then|first|next|after that|and),? (?:I|we) {_SOON}(?:{_NOW_VERBS})\b"
    r"|\bmy (?:first|next|second) (?:step|move|idea|thought) was\b|\bwhat I did\b"
    r"|\bI ended up \w+ing\b",
    re.IGNORECASE,
)
_CONTINUED = re.compile(
    rf"\b(?:and|then|so) (?:then )?(?:{_VERBS})\b",
    re.IGNORECASE,
)

_BETTER = (
    "happy|pleased|satisfied|grateful|impressed|successful|finished|done|solved|delivered|approved"
    "|fixed|working again|thrilled|relieved|accepted|resolved|back on track|ready|complete|live"
    "|better|calmer|faster|smoother|adopted|published|promoted|over"
)
RESULT = re.compile(
    r"\b(?:as a (?:result|consequence)|in the end|at the end of the day|eventually|ultimately"
    r"|the (?:result|outcome|effect|upshot) |it (?:all )?(?:turned|worked) out|the end of it"
    r"|thanks to (?:this|that)|because of (?:this|that)|since then|ever since|to this day"
    r"|by (?:the (?:end|summer|time)|seven|eight|nine|ten|christmas|monday|friday)"
    rf"|(?:was|were|is|are|got|became|been|went|felt) (?:\w+ )?(?:{_BETTER})"
    r"|(?:improved|increased|decreased|dropped|fell|rose|went (?:up|down|back|well|smoothly|live)"
    r"|came down|grew|doubled|tripled|halved|reduced|saved|won|vanished|disappeared|succeeded"
    r"|failed|paid off|worked (?:well|perfectly|fine)|recovered|survived|sold out|signed|renewed"
    r"|thanked|praised|promoted|passed)|on time|in time|ahead of (?:schedule|time)"
    r"|under budget|(?:it|that|this) worked|we (?:had all|delivered|shipped|completed|finished"
    r"|raised|reached|hit|made it|met|launched|won|saved|aligned|closed|got (?:it|them|the))"
    r"|(?:completed|finished|delivered|submitted|handed in) (?:the|it|our|my|on|everything)"
    r"|(?:big|huge|great|real|complete) (?:hit|success|failure|relief)|success(?:ful(?:ly)?)?"
    r"|agreed (?:on|to|that|with)|came to an agreement|compromise|extended|accepted (?:it|the|my)"
    r"|(?:have|has)(?:n't|n’t| not) \w+ (?:\w+ ){0,3}since|no longer|any ?more|never again"
    r"|thank you (?:note|card|letter)|(?:weeks?|months?|days?|years?) later|the next (?:day|week"
    r"|month|year)|from then on|after (?:that|this) (?:the|it|they|everybody|everyone|nobody|our"
    r"|we)"
    r"|only (?:took|needed|one|two|three)|half (?:as|the|of) |instead of \w+ \w+|per ?cent\b"
    r"|by (?:a |an )?(?:third|half|quarter)|still (?:use|used|using|do|works|working)"
    r"|(?:he|she|they) (?:even )?(?:joined|stayed|kept|ran|managed|became|got (?:the|a|promoted)))"
    r"|%|\$\d|€\d|£\d",
    re.IGNORECASE,
)
LESSON = re.compile(
    r"\b(?:I(?:'ve|’ve| have)? (?:also )?learn(?:ed|t)|taught me|lesson|what I (?:took|take) from"
    r"|since then I|from then on|ever since,? I|today I|now I (?:always|know|ask|check|try|make)"
    r"|what I do now|next time|I would do (?:it )?differently|I reali[sz]ed that|looking back"
    r"|takeaway|I understood that|showed me)\b",
    re.IGNORECASE,
)
TASK = re.compile(
    r"\b(?:my (?:task|job|goal|role|responsibility|part|aim|objective|duty|assignment|mission)\b"
    r"|I was (?:the one )?(?:responsible|in charge|accountable|supposed|expected|assigned|asked"
    r"|told|meant|tasked|entrusted|given the task)\b|tasked with|it was (?:my|our|up to me"
    r"|on me)\b|I (?:had|needed|have|need) to\b"
    r"|we (?:had|needed|have|need) to\b|I was to\b|asked me to|told me to|wanted me to"
    r"|my (?:manager|boss|lead|supervisor|team lead|teacher) (?:asked|wanted|told|expected)"
    r"|I owned|I wanted to (?:make sure|find|get|make|keep|bring)|set (?:the|a|myself) (?:a )?goal"
    r"|the (?:goal|challenge|task|aim|idea|plan|problem) was|so I had|needed to be|had to be)",
    re.IGNORECASE,
)
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    r"|spring|summer|autumn|winter|20\d\d"
)
SITUATION = re.compile(
    r"\b(?:last (?:year|summer|spring|autumn|fall|winter|month|week|semester|term|christmas)"
    r"|(?:a|an|one|two|three|four|five|six|seven|ten|a few|some|several|couple of|many|\d+)"
    r" (?:years?|months?|weeks?|days?) ago|in my (?:last|previous|first|second|third|old|current"
    r"|final|former)|(?:at|from|with) my (?:last|previous|first|old|current|former)"
    r"|(?:at|in) (?:my|our) (?:company|office|team|school|university|internship|job|shop|hospital)"
    r"|when I (?:was|worked|joined|started|lived|studied|led|had|did|took|came)"
    r"|while I (?:was|worked)|once\b|there was|there were|one (?:day|evening|morning|time|of"
    r"|night|afternoon)|this one|on my (?:last|first)|back (?:in|when|then)|at the beginning of"
    r"|during (?:my|the|a|an|our)|(?:was|were) (?:working|due|planned|behind|running late|about to)"
    r"|a colleague|my colleague|a customer|a client|the client|our team|our (?:supplier|customer"
    r"|boss|manager|client)|at (?:the|that) time|I used to|we used to|we had (?:a|an|this|two"
    r"|three)"
    rf"|in (?:{_MONTH}))",
    re.IGNORECASE,
)
PAST = re.compile(
    r"\b(?:was|were|had|did|broke|left|wanted|told|thought|got|came|went|kept|said|did(?:n't|n’t)"
    r"|\w{3,}ed)\b",
    re.IGNORECASE,
)
OPENS_A_STEP = re.compile(r"\s*(?:so|then|first|next|and|I)\b", re.IGNORECASE)


def acts(text: str) -> bool:
    """Whether it says what somebody did."""
    return ACTION.search(text) is not None


def goes_on(text: str) -> bool:
    """Whether it goes on with what somebody did: "and then told him"."""
    return _CONTINUED.match(text.lstrip()) is not None
