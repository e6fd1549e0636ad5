"""The parts of answers that are no stories: technical, situational, and openers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.assessment import PartName

_I_WOULD = r"\bI(?:'d|’d|'ll|’ll| would| will)? (?:\w+ )?"

_CUES: Mapping[PartName, str] = {
    PartName.APPROACH: (
        r"\b(?:I(?:'d|’d| would| will)? (?:\w+ )?(?:start|begin|use|look|check|measure|write|read"
        r"|test|split|ask|build|choose|make|keep|compare|go|take|put|try|reproduce|run|draw|talk"
        r"|count|design|prefer|find|follow|rely|store|divide|define|set|think|explain|plan|review"
        r"|store|buy|decide|need|want)\b|you (?:\w+ )?(?:start|begin|use|need|can|have|get|look|do"
        r"|take|write|would|should|put|ask|type)\b|(?:we|they) (?:\w+ )?\w+|first|the first step"
        r"|it (?:is|works|means|stores|takes|keeps)|(?:is|are) (?:a|an|the|when|like|used|where)\b"
        r"|works? (?:by|like)|means|maps|keeps|stores|bundles|consists|the (?:idea|browser|server)"
        r"|there are (?:two|three|several)|gets?\b|goes\b|go into|belongs?)"
    ),
    PartName.REASONS: (
        r"\b(?:because|since (?!then|last)|so that|the reason|that(?:'s|’s| is) why|in order to"
        r"|which means|this means|that means|otherwise|trade-?offs?|pros|cons|advantages?"
        r"|disadvantages?|benefits?|faster|slower|cheap(?:er)?|expensive|easier|safer|simpler"
        r"|costs?"
        r"|it depends|depends on|rather than|instead of|worth|so you (?:can|don't|don’t|never)"
        r"|so (?:nobody|everybody|anyone|the|it|we|they) (?:can|does|do|is|are|will)|the point is"
        r"|due to|therefore|that way|this way|as it (?:is|costs|makes|takes|keeps)|pays? off"
        r"|never have time|in case|to avoid|to make sure|prevents?)\b"
    ),
    PartName.EXAMPLE: (
        r"\b(?:for example|for instance|e\.g\.|such as|say,|let's say|let’s say|imagine|like when"
        r"|like (?:a|an|the|payments?|logins?|in)\b|in my (?:last|current|previous|old|first|own"
        r"|team|company|project|parents)|at my|in our (?:team|project|company|case)|where I work"
        r"|last (?:week|month|year|time|summer|spring|autumn|winter)|once,? (?:I|we|a|the)|I once"
        r"|we once|one (?:day|time|case)|I (?:had|built|worked|used|found|wrote|fixed|saw|tested)\b"
        r"|we (?:had|built|used|found|wrote|fixed|moved|noticed|ran)\b|when I (?:was|worked)"
        r"|a good example|an example|to check (?:it|this|that|whether)|I (?:then |also )?(?:check"
        r"|verify|compare|measure) (?:it|that|whether|the|again|with)|double-?check|write a test"
        r"|make sure that it|run the tests?)\b"
    ),
    PartName.LIMITS: (
        r"\b(?:limit(?:s|ed|ation|ations)?|downsides?|drawbacks?|disadvantages?|trade-?offs?"
        r"|weakness"
        r"(?:es)?|however|unless|except|on the other hand|the (?:risk|problem|catch|danger|cost)"
        r" (?:is|with|of)|not (?:so |very |always |really )?(?:good|well|suitable|enough|possible"
        r"|perfect|useful|ideal)|less (?:efficient|useful|reliable|accurate)|too (?:slow|small|big"
        r"|large|expensive|complex|much|many)|(?:becomes?|gets?) (?:slow|slower|hard|expensive"
        r"|messy"
        r"|complicated|difficult|less)|(?:doesn't|doesn’t|does not|don't|don’t|can't|can’t|cannot"
        r"|won't|won’t|can not) (?:\w+ ){0,2}(?:work|help|show|scale|catch|find|cover|tell|handle"
        r"|replace|protect|prevent|fit|see|guarantee|go)|fails? (?:when|if)|breaks? (?:when|if"
        r"|down)"
        r"|be careful|careful with|only (?:works?|if|when|helps?)|it depends|depends on|at the cost"
        r"|overkill|looks? \w+,? but|but (?:it|that|this|you|the|only|not|with|then)\b.{0,60}"
        r"\b(?:not|n't|n’t|never|slow|hard|more|less|cost|costs|takes|upkeep|eats?|lose))\b"
    ),
    PartName.FACTS: (
        rf"(?:{_I_WOULD}(?:first )?(?:ask|find out|figure out|look|check|listen|understand|talk to"
        r"|speak (?:to|with)|clarify|gather|read|investigate|analy[sz]e|learn|see what|see why"
        r"|see how|make sure (?:I|that I) understand|get (?:the|all|more) (?:facts|information)"
        r"|collect|try to understand|try to find|want to (?:know|understand|find)|need to (?:know"
        r"|understand|find)|meet|interview|observe|review|study|map|verify|confirm)"
        r"|\b(?:asking|find(?:ing)? out|talk(?:ing)? to|listen(?:ing)? to|understand(?:ing)? (?:how"
        r"|what|why|the)|look(?:ing)? (?:at|for|into)|gather(?:ing)?|meeting everybody|ask (?:both"
        r"|them|him|her|the|my|what|why|how|for the reason)|the first thing|what exactly"
        r"|why exactly"
        r"|clarify(?:ing)?|check (?:how|what|whether|if|why)|get the facts|root cause)\b)"
    ),
    PartName.OPTIONS: (
        r"\b(?:options?|either|alternatives?|alternatively|one way|another (?:way|is|idea|option)"
        r"|or (?:I|we|else|maybe|perhaps|at least|go|ask|somebody|someone|two|a|an|the|by)\b"
        r"|(?:I|we|they|you) (?:could|can|might) (?:also |then |either |perhaps )?\w+|depending on"
        r"|depends on|if (?:not|so|it|that|they|he|she|there|the|nobody|both|one|none|we|I)\b"
        r"|otherwise|plan b|choices?|possibilit(?:y|ies)|on the one hand|on the other hand|maybe"
        r"|perhaps|instead|weigh|pros and cons|compromise|workaround|two ways|several ways)\b"
    ),
    PartName.DECISION: (
        rf"(?:{_I_WOULD}(?:decide|choose|pick|go (?:for|with|to)|priorit?i[sz]e|suggest|propose"
        rf"|tell"
        r"|offer|take|send|start|begin|do|say|give|write|move|set|make (?:a|the)|explain"
        r"|apologi[sz]e"
        r"|recommend|bring|call|push|stop|refuse|raise|escalate|inform|let|keep|fix|show|promise"
        r"|spend"
        r"|agree|plan|invite|share|try|work|focus|delegate|split|be honest|help|ask for help|warn"
        r"|correct|document|report|prepare|put|use|stay|admit|hold|protect|organi[sz]e|schedule)\b"
        r"|\b(?:my (?:decision|choice|answer|plan|priority|recommendation|suggestion|way)|we agree"
        r"|I bring|I take|I tell|I go|I decide|I choose|the best (?:thing|way|option)|in that case"
        r"|I(?:'d|’d| would) (?:rather|prefer|honestly|openly))\b)"
    ),
    PartName.CHECK: (
        r"\b(?:follow(?:ing)? up|check(?:ing)? (?:in|back|again|whether|if|that|with)"
        r"|see (?:whether"
        r"|if|that|how it)|make sure|feedback|measure|review|monitor|keep an eye|track|next time"
        r"|afterwards|after (?:lunch|a week|that|a few|two|three|one|the)|(?:a|one|two|few) (?:week"
        r"|weeks|days|month|months) later|at the end of|by the end|until (?:it|they|then|we)"
        r"|so that it (?:does not|doesn't|doesn’t) happen|never happen|prevent(?:ed)?|lessons?"
        r"|retrospective|post-?mortem|compare (?:what|the|it|that|before)|I(?:'d|’d| would)? know"
        r" (?:that |whether |if )?(?:it|that|this|whether)|come back|get back|the number that"
        r"|success (?:is|would|means|looks)|update (?:them|him|her|the)|on friday|meet again"
        r"|ask (?:them |him |her )?again|regularly|every (?:day|week|morning|evening|month))\b"
    ),
    PartName.NOW: (
        r"\b(?:I am (?!looking|interested|excited|drawn|hoping|glad|happy|here)|I(?:'m"
        r"|’m) (?!looking"
        r"|interested|excited|drawn|hoping|glad|happy|here)|currently|right now|at the moment"
        r"|these days|nowadays|at present|my name is|I work (?:as|at|in|for|with)|I study"
        r"|I run|I lead|I teach|I manage|I live|now I (?!(?:want|would|am looking))|presently"
        r"|today I"
        r"|my (?:current|present) (?:job|role|position))"
    ),
    PartName.BEFORE: (
        r"\b(?:before (?:that|this|then|i)|previously|I (?:\w+ )?(?:studied|graduated|worked"
        r"|started"
        r"|began|grew|trained|learned|learnt|did|was|came|moved|finished|completed|earned|spent"
        r"|joined|led|built|got|took|taught|managed|ran|set up|made|had|liked|wanted|repaired)\b"
        r"|I(?:'ve|’ve| have) (?:\w+ )?(?:worked|been|had|done|spent|studied|led|built|taught"
        r"|always"
        r"|managed)|I used to|for (?:\w+ )?(?:\w+ )?(?:years?|months)|(?:years?|months) ago|degree"
        r"|diploma|bachelor(?:'s|’s)?|master(?:'s|’s)?|university|college|background|experience"
        r"|in my (?:last|previous|first|old)|at my (?:last|previous|first|old)|after school"
        r"|as a (?:child|student|teenager|kid|boy|girl)|my career|originally|internship)\b"
    ),
    PartName.REASON: (
        r"\b(?:because|that(?:'s|’s| is) (?:why|what|exactly)|the reason|I(?:'m|’m| am) (?:now "
        r"|also |"
        r"really |very |so )?(?:looking|interested|excited|drawn|fascinated|passionate|hoping|keen)"
        r"|I(?:'d|’d| would) (?:really |also )?(?:like|love) to|I want|I hope|I wish|my goal"
        r"|my (?:dream|aim|passion|motivation)|this (?:position|role|company|job|team|programme"
        r"|program|opportunity|work|field)|your (?:company|team|position|programme|program|school"
        r"|mission|product|products|values|organi[sz]ation|firm|hospital)|next step|what I (?:love"
        r"|like|enjoy)|I (?:really )?(?:love|enjoy|admire)|attracts? me|drew me|draws me|appeals?"
        r"|interests? me|fascinat\w+|motivates? me|here because|caught my eye|I could (?:bring"
        r"|contribute)|contribute)"
    ),
}
_COMPILED = {name: re.compile(cue, re.IGNORECASE) for name, cue in _CUES.items()}


def heard_in(name: PartName, sentences: Sequence[str]) -> int | None:
    """The first sentence in which words of this part are heard, `None` where there is none."""
    pattern = _COMPILED[name]
    for number, sentence in enumerate(sentences):
        if pattern.search(sentence):
            return number
    return None
