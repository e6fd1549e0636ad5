"""Tells a remark about the speaker that must not be made from a sentence about the answer.

"You seem angry" is never shown; "You described how you calmed an angry customer" is ordinary
coaching. The word alone does not tell the two apart, so a sentence is read in three ways:

1. What is said of the speaker ("you seem", "your accent", "an anxious smile"), and any verdict
   about hiring, is a remark wherever it stands.
2. A delicate word is a remark unless the sentence is about something else: the word belongs to
   another person in the story or to a term of some trade, or the clause tells what the answer said.
3. Any other sentence is none.

tests/analyzer/model_output/remarks.json has the sentences both sides are measured on.
"""

from __future__ import annotations

import re
import unicodedata

from analyzer.model_output.remark_phrases import ALWAYS, DELICATE, FEELING_NOUNS, FROM_A_PLACE

_FEELINGS = (
    r"anxious|nervous|scared|afraid|frightened|fearful|sad|angry|annoyed|irritated|embarrassed"
    r"|ashamed|insecure|depressed|joyful|cheerful|gloomy|moody|happy|happier|unhappy|excited|calm"
    r"|calmer|relaxed|comfortable|uncomfortable|tense|bored|confused|frustrated|enthusiastic"
    r"|passionate|stressed|worried|surprised|proud|upset|glad|disappointed|uneasy|tired|exhausted"
    r"|emotional|overwhelmed|disinterested|uninterested|unmotivated|unsure of yourself"
)
_TRAITS = (
    r"arrogant|narcissistic|neurotic|introvert(?:ed)?|extr[ao]vert(?:ed)?|likeable|likable|timid"
    r"|shy"
    r"|lazy|charming|charismatic|friendly|warm|cold|kind|authentic|genuine|credible|humble"
    r"|sensitive"
    r"|honest|dishonest|sincere|insincere|truthful|trustworthy|untrustworthy|deceptive|evasive"
    r"|smart|bright|intelligent|clever|stupid|educated|mature|immature|perfectionist"
)
_BODIES = (
    r"sick|ill|unwell|healthy|unhealthy|blind|deaf|autistic|dyslexic|pregnant|overweight|obese"
    r"|disabled|young|younger|old|older|elderly|middle-aged|attractive|beautiful|pretty|handsome"
    r"|ugly"
    r"|masculine|feminine|male|female|foreign|indian|chinese|asian|african|american|european"
    r"|british"
    r"|hispanic|caucasian|muslim|jewish|hindu"
)
_ADJECTIVES = rf"{_FEELINGS}|{_TRAITS}|{_BODIES}"

_DELICATE = re.compile(
    r"\b(?:"
    + "|".join(
        (
            # emotion
            r"anxious\w*|anxiety|nervous\w*|nerves|scared|afraid|frightened|fearful|sad|sadness",
            r"angry|anger|annoyed|irritated|embarrass\w*|ashamed|shame|insecur\w*|depress\w*|moody",
            r"joyful|cheerful|gloomy|emotion\w*|moods?|feelings?|stressed out",
            r"self[- ](?:esteem|doubt|confidence)|lack(?:s|ed|ing)?(?: of| in)? confidence",
            # personality
            r"personality|charisma\w*|introver\w*|extr[ao]ver\w*|arrogan\w*|narcissis\w*"
            r"|neurotic\w*",
            r"lik(?:e)?able|likability|timid\w*|shy|shyness|lazy|laziness|charming"
            r"|perfectionist\w*",
            # honesty
            r"honest|honesty|dishonest\w*|deceptive\w*|decei\w*|insincer\w*|sincer\w*|lied|liar",
            r"(?:un)?truthful\w*|(?:un)?trustworth\w*|evasive\w*|lying (?:about|to)",
            r"(?:is|are|was|were) lying|(?:speak|spoke|answer|answered) honestly",
            # health
            r"autis\w*|asperger\w*|adhd|dyslexi\w*|stutter\w*|stammer\w*|lisp\w*|deaf\w*"
            r"|disorders?",
            r"disabilit\w*|disabled (?:person|speaker|candidate)|illness\w*|mental health",
            r"medicat\w*|pregnan\w*|(?:his|her|their) health|impediment\w*|neurodiver\w*",
            r"neurotypical|wheelchair|overweight|obes\w*|unhealthy|unwell|tics",
            # age
            r"(?:his|her|their) age|age of (?:\d+|the speaker)|elderly|middle[- ]aged|youthful\w*",
            r"(?:young|old)(?:er|est)? (?:person|adult|people|guy|speaker|candidate|applicant)",
            r"teen\w*|\d+[- ]years?[- ]old|in (?:your|his|her|their) (?:early |mid |late )?"
            r"(?:twenties|thirties|forties|fifties|sixties|[2-6]0s)",
            # gender
            r"man|woman|men|women|male|female|lady|ladies|gentlem[ae]n|boys?|girls?|masculin\w*",
            r"feminin\w*|gender\w*|transgender|non[- ]?binary",
            # origin and religion
            r"ethnic\w*|racial\w*|(?:his|her|their) race|nationalit\w*|immigrant\w*|foreigners?",
            r"(?:asian|african|indian|chinese|hispanic|latin[oa]|caucasian|arab\w*|black|white) "
            r"(?:person|people|speaker|candidate|descent|origin|background|heritage)",
            r"non[- ]native|native (?:english )?speakers?|mother tongue|(?:first|second) language",
            r"caucasian|hispanic|relig\w*|muslim|jewish|hindu|hijab\w*|headscar\w*|turban\w*",
            # accent
            r"accent|accents|accented",
            # looks
            r"attractiveness|handsome|ugly|good[- ]looking|clothes|clothing|outfits?|attire",
            r"wear(?:s|ing)?|(?:his|her|their|physical|personal) appearance|wore|groomed|grooming",
            r"makeup|make-up|hairstyle|haircut|beard\w*|tattoo\w*|jewel\w*|eyeglasses",
            r"skin (?:tone|colou?r)",
            # hiring
            r"hiring (?:decision|recommendation|manager)s?|fit for (?:the|this|a) \w+",
            r"(?:great|strong|poor|bad|perfect|good) fit|qualified for|job offer",
            r"recommend(?:ed|ing)? (?:the (?:candidate|speaker|applicant))",
            # said without a subject: "Comes across as enthusiastic"
            r"(?:(?:seem|appear|sound|look)(?:s|ed|ing)?|(?:comes?|came|coming) across)"
            rf"(?:\s+(?:a|an|as|like|bit|little|very|quite|rather|more|too|so|to|be|\w+ly)){{0,4}}"
            rf"\s+(?:{_ADJECTIVES})(?!\s+\w+ly\b)",
            *DELICATE,
        )
    )
    + r")\b",
)
"""Words that are a remark unless something else in the sentence excuses them."""

_PERSON = r"(?:you|he|she|they|the (?:speaker|candidate|person|applicant|interviewee))"
_OFTEN = (
    r"(?:also|often|sometimes|clearly|visibly|obviously|still|always|may|might|could|can|have|had"
    r"|do|did|does|not|would|will)"
)
_LINK = (
    r"(?:look|looks|looked|looking|seem|seems|seemed|sound|sounds|sounded|appear|appears|appeared"
    r"|feel|feels|felt|are|were|is|was|be|been|became|become|act|acted"
    r"|(?:comes?|came|coming) (?:across|off|over))"
)
_DEGREE = (
    r"(?:a|an|as|like|bit|little|very|quite|somewhat|rather|more|less|most|too|so|slightly|really"
    r"|visibly|not|to|be|and|or|well|pretty|\w+ly)"
)
_OWN = (  # what is the speaker's own, and no business of ours
    r"nervousness|anxiety|fears?|sadness|anger|embarrassment|shame|insecurity|enthusiasm|passion"
    r"|excitement|happiness|frustration|joy|emotions?|moods?|feelings|stress|nerves|self-\w+"
    r"|personality|character|temperament|charm|charisma|arrogance|shyness|honesty|sincerity"
    r"|intelligence|health|disability|disorder|stutter|stammer|lisp|autism|adhd|impediment|illness"
    r"|pregnancy|age|youth|gender|masculinity|femininity|race|ethnicity|nationality|origin|heritage"
    r"|religion|faith|native language|mother tongue|accent|dialect|looks|appearance|attire|outfit"
    r"|clothes"
    r"|clothing|suit|shirt|tie|blouse|jacket|dress|headscarf|hijab|turban|glasses|eyeglasses"
    r"|make-?up|beard|tattoos?|jewell?ery|earrings|skin|weight|hair(?:style|cut)?"
    r"(?= (?:is|was|looks|looked)\b)|hairstyle|haircut"
)
_ALWAYS = re.compile(
    r"\b(?:"
    + "|".join(
        (
            rf"{_PERSON}(?:\s+{_OFTEN}){{0,3}}\s+{_LINK}(?:\s+{_DEGREE}){{0,4}}\s+(?:{_ADJECTIVES})"
            r"(?!\s+\w+ly\b)(?! (?:toward|with the (?:idea|term|subject|tool)))",
            r"(?<!explained )(?<!described )(?<!named )(?<!mentioned )"
            rf"your (?:(?!(?:was|were|is|are)\b)[a-z-]+ ){{0,2}}?(?:{_OWN})(?![\w'’])"
            r"(?! groups?\b)",
            # a manner of speaking that names a feeling
            rf"(?:{_FEELINGS}) (?:laugh|smile|tone|voice|look|face|expression|manner|way|glance"
            r"|gesture|hands|posture|energy|attitude)",
            r"(?<!['’]s )(?<!s['’] )(?:fear|anger|sadness|anxiety|nervousness|joy|shame|frustration"
            r"|tension|emotions?) (?:in|on|can be|is|was|are|were|shows?|showed)\b(?! (?:the"
            r"|a) (?:team|company|market"
            r"|market|customers?|users?|story))",
            r"(?:signs?|hints?|touch|traces?|air|bit|note) of (?:fear|anger|sadness|anxiety|joy"
            r"|shame"
            r"|nervousness|frustration|emotion|insecurity|stress|arrogance)",
            r"(?:visible|audible|noticeable|obvious) (?:fear|anger|sadness|anxiety|nervousness|joy"
            r"|frustration|stress|emotion)",
            r"(?:as|like|for|being) (?:a|an|many|most|some|other) (?:[\w-]+ )?(?:m[ae]n|wom[ae]n"
            r"|boys?"
            r"|girls?|lady|teenagers?|foreigners?|immigrants?|non-native speakers?|person)",
            # advice about what is nobody's to change
            rf"(?:look|sound|appear|seem|act|be|become|feel)(?:ing)? (?:more |less |so |too "
            rf"|a bit )*"
            rf"(?:{_FEELINGS}|{_TRAITS}|younger|older|prettier|attractive)(?! (?:pace|tempo"
            rf"|voice))",
            r"(?:be|feel|get|look) (?:less|not so|so|too) (?:nervous|anxious|tense|shy|stressed)",
            r"(?:lose|reduce|drop|hide|soften|work on) (?:the|your|that) (?:\w+ )?"
            r"(?:accent|nervousness|anxiety|age|origin|disability)",
            r"(?:strong|heavy|thick|slight|foreign|regional|clear|noticeable) accent"
            r"|accent (?:is|was|makes|made)",
            r"dress(?:ed)? (?:well|better|more|less|up|nicely|professionally|formally|neatly"
            r"|smartly)",
            r"(?:well|neatly|badly|nicely|smartly|professionally)[- ]dressed|comb (?:your"
            r"|the) hair",
            r"wear (?:a|an|another|something|less|more)\b|put on (?:some )?(?:make-?up|a \w+)",
            r"take off your|(?:beautiful|pretty|attractive|lovely) (?:smile|face|eyes|voice"
            r"|person)",
            r"(?:the )?(?:beard|hijab|headscarf|turban|makeup|tattoo)s? (?:hides?|frames?|is|are"
            r"|looks?)",
            r"(?:told|tell|telling|speak|speaking|spoke) the truth|(?:i|we) doubt|hiding something",
            r"(?:is|are|seems?|sounds?) (?:not )?(?:true|untrue|made up|invented|a lie)",
            rf"(?:answer|story|example|account|delivery|performance)(?: \w+){{0,2}} {_LINK}"
            rf"(?:\s+{_DEGREE}){{0,3}}\s+(?:{_TRAITS}|{_FEELINGS})(?! (?:pace|tempo|opening|end))",
            r"(?:face|facial expressions?|eyes|voice|posture|hands?|tremors?"
            r"|body language)(?: \w+){0,3}"
            r" (?:betrays?|reveals?|suggests?|gives? away)",
            r"(?:look|sound|seem|appear)(?:s|ed)? like (?:a|an|someone|somebody)\b"
            r"|medical condition",
            r"(?:nice|good|bad|kind|honest|anxious|natural|born) (?:person|leader|people)|slept"
            r"|sleep more",
            r"(?:speak|talk|sound) like a native|pass for (?:\w+ty|\w+teen|\d+)|the air of an?"
            r"|the (?:dress|outfit|shirt|tie|jacket|hat) (?:is|looks?|distracts?|suits?)",
            r"(?:making|made|make) (?:this|that|it|these things) up",
            # verdicts
            r"hire?able|employab\w*|shortlist\w*|(?:would|should|will|could|may|might"
            r"|to) (?:not )?be hired",
            r"(?:get|getting|got) (?:you )?hired|(?:should|would|recommend) (?:not )?hir(?:e|ing)",
            r"hire (?:you|this person|the (?:speaker|candidate|applicant))|hiring recommendation",
            r"(?:you|this|he|she)(?: \w+){0,3} (?:strong|good|great|weak|poor|ideal|suitable"
            r"|promising"
            r"|excellent) (?:candidate|hire)",
            r"(?:cultur(?:e|al)) fit|(?:good|great|perfect|poor|bad) fit for (?:the|this|our|a) "
            r"(?:team|job|role|position|company|post)",
            r"you (?:would |will |could |might |do |don't )*fit (?:well |right |perfectly "
            r"|not )*in(?:to)? ",
            r"you (?:are|were|seem|look)(?: \w+){0,2} (?:suitable|qualified|unsuitable"
            r"|overqualified"
            r"|right) for (?:the|this|a|that)",
            r"(?:get|got|land|landed|win|won|deserve|deserves)(?: you)? (?:the|this|that) "
            r"(?:job|role|position|offer)",
            r"(?:recruiter|interviewer|employer|company)s? (?:would|will|might|may|could) (?:\w+ )?"
            r"(?:reject|hire|choose|take|prefer|like|doubt|not)"
            r"|(?:company|team|employer|they) should (?:take|hire|choose|pick|want)|what it takes",
            r"recommend(?:ed|ing)? (?:you\b|for (?:the|this))|next (?:hiring )?(?:round|stage)",
            r"^\W*(?:(?:strong|weak|clear|good|lean|no|borderline) )?(?:no )?hire\b(?! (?:a|two"
            r"|three|more))",
            r"(?:make|be) (?:a|an) (?:\w+ ){0,2}(?:hire|employee|addition|leader)"
            r"|lucky to have you",
            r"(?:pass|fail|ace|survive) (?:this|the|an|your) (?:job )?interview",
            *ALWAYS,
        )
    )
    + r")",
)
"""Said of the speaker, or a verdict: a remark whatever else the sentence is about.

This one and the long ones around it read lower case: with `re.IGNORECASE` no branch of an
alternation is passed over by its first letter, and reading a sentence takes twice as long.
"""

_FROM_A_PLACE = re.compile(FROM_A_PLACE, re.IGNORECASE)

_OTHERS = (
    r"(?:customer|client|user|colleague|co-?worker|teammate|team ?member|team|manager|boss|lead"
    r"|patient|student|pupil|parent|child|children|kid|guest|caller|visitor|passenger|resident"
    r"|stakeholder|employee|staff|worker|engineer|developer|designer|nurse|doctor|teacher|trainee"
    r"|intern|apprentice|partner|supplier|vendor|contractor|neighbou?r|relative|owner|buyer|seller"
    r"|learner|tester|resident|retiree|review|lock"
    r"|audience|crowd|group|department|people|others|interviewers?|participant|volunteer|driver"
    r"|tenant|reviewer|investor|director|officer|seniors?|juniors?|citizen|person at)s?"
)
_GAP = r"(?:[\w-]+ ){0,2}?"
_EXCUSED = re.compile(
    r"\b(?:"
    + "|".join(
        (
            # somebody else in the story
            rf"(?:{_ADJECTIVES}) (?:and \w+ )?{_GAP}{_OTHERS}(?:['’]s?)?",
            rf"{_OTHERS}['’]s? {_GAP}(?:{_OWN}|emotional|emotions?|feelings?|moods?|anger|fear)",
            rf"(?:{_OTHERS}|both sides|side|everybody|everyone|somebody|nobody|who|which|it|they)"
            r" (?:\w+ ){0,2}?(?:was|were|is|are|became|become|felt|feel|got|seemed|remained|stayed)"
            rf" (?:\w+ ){{0,2}}?(?:{_ADJECTIVES})",
            rf"(?:{FEELING_NOUNS}) (?:of|in|among|at|within|between|with|for|on|over|about) "
            rf"(?:(?:the|a|an|both|two|some|many|most|his|her|their|your) )?{_GAP}{_OTHERS}",
            # terms of a trade
            r"race conditions?|data races?|man-in-the-middle|man[- ](?:hours?|days?|months?)",
            r"(?:cloud-)?native (?:apps?|code|clients?|modules?|support|cloud|libraries|mobile)",
            r"health ?(?:checks?|care|insurance|records?|data|sector|services?)|healthy (?:margin"
            r"|mix"
            r"|relationship|balance|growth|diet)",
            r"mental models?|(?:double|triple)?[- ]?blind (?:\w+ )?(?:review|trial|stud|test"
            r"|spot)\w*"
            r"|blind (?:users?|spots?)",
            r"depressed (?:market|prices?|demand|economy)|depression of the|economic depression",
            r"accent colou?rs?|accented (?:characters?|letters?|vowels?)|accent marks?",
            r"(?:gender|emotion)[- ](?:neutral|aware|recognition)|emotional (?:design|intelligence"
            r"|appeals?|labou?r|support|and rational)|anger management|anxiety disorders?",
            r"insecure (?:\w+ )?(?:networks?|defaults?|connections?|protocols?|passwords?"
            r"|settings?)",
            r"(?:\d+|two|three|four|five|six|ten|more|fewer|both) (?:wom[ae]n|men|boys|girls)\b",
            r"an accent is|(?:\w+ )?age groups?",
            r"wear and tear|wearables?|wearable \w+|wear (?:of|on) the|foreign (?:keys?|exchange"
            r"|office"
            r"|currency|market)",
            r"age of (?:the|an?) (?:system|data|cache|account|code|machine|company|building"
            r"|record)",
            r"second[- ]language (?:learners?|classes)|(?:second|first) language of the",
            r"personality (?:test|clash)\w*|mature (?:product|market|code|team)\w*|cold (?:start"
            r"|call)\w*"
            r"|warm[- ]up|(?:a )?(?:good|poor|bad|great|close|strong) fit (?:of|to) the",
        )
    )
    + r")",
)
"""What takes a delicate word away from the speaker."""

_TOLD = (
    r"(?:describ|explain|mention|outlin|discuss|compar|defin|quot|recount|recall|summari[sz]"
    r"|illustrat"
    r"|argu|list|nam|cover|answer|address|report|point|stat|clarif|refer|present|contrast|walk"
    r"|introduc|link|touch|finish|clos|open|end|bring|brought|turn|jump|return|specif)"
    r"(?:e|es|ed|ing|s|y|ies|ied|red|ting|ted)?|said|say(?:s|ing)?|told|tell(?:s|ing)?"
    r"|talk(?:ed|s|ing)? about|spoke (?:of|about)|speak (?:of|about)|gave|give|giving|used|using"
    r"|called|helped|laid out|lay out|set out|left out|leave out|show(?:ed|s)? (?:how|what|why"
    r"|that the)"
)
_ABOUT_THE_ANSWER = re.compile(
    r"^\W*(?:missing|name|say|add|tell|explain|describe|mention|start|begin|open|close|end|give"
    r"|keep"
    r"|put|spell out|point out|talk|try (?:opening|starting|ending|naming|saying|telling))\b"
    rf"|\byou(?: \w+ly| also| then| first| only| have| would| could| should| did not"
    rf"| do not){{0,3}}"
    rf" (?:{_TOLD})\b"
    r"|\b(?:when|while|by|after|before) (?:describing|explaining|mentioning|naming|telling"
    r"|saying)\b"
    r"|\b(?:the|your|this|each|an?|one)(?: \w+)? (?:answer|story|example|part|point|phrase|anecdote"
    r"|account|case|sentence|introduction|opening|ending|trade-off|reason|task|result|moment|detail"
    r"|step|lesson|situation|problem|question|description|plan)s?\b"
    r"|\byou would\b",
)
"""Begins a clause that tells what the answer said, or should say."""

_CONTRACTIONS = (
    (re.compile(r"\b(you|they|we)['’]re\b", re.IGNORECASE), r"\1 are"),
    (re.compile(r"\b(he|she|it|that|there)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\b(i|you|he|she|they|we)['’]d\b", re.IGNORECASE), r"\1 would"),
    (re.compile(r"\b(i|you|they|we)['’]ve\b", re.IGNORECASE), r"\1 have"),
    (
        re.compile(r"\b(do|does|did|is|are|was|were|would|could|should)n['’]t\b", re.IGNORECASE),
        r"\1 not",
    ),
)
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{1,150}[\"”“»]")
_BREAK = re.compile(
    r";\s+|\s[-–—]\s|(?:,\s*)?\b(?:and|but|while|whereas|although|though|yet)\s+(?=(?:you|your|he"
    r"|she"
    r"|the speaker|look|seem|sound|appear)\b|(?:look|seem|sound|appear)(?:s|ed|ing)\b)",
)


_IN_DISGUISE = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]", re.IGNORECASE)
"""A word of Latin letters and of Greek or Cyrillic ones that look like them."""


def is_remark(sentence: str) -> bool:
    """Whether one sentence makes a remark about the speaker that Greenroom never makes.

    What it reports in quotation marks are the speaker's own words, and no remark of ours. A word
    that mixes alphabets can only be meant to pass unread, so its sentence counts as one.
    """
    if _IN_DISGUISE.search(sentence):
        return True
    whole = _written_out(_plainly(sentence))
    if _ABOUT_THE_ANSWER.search(whole.lower()):
        whole = _QUOTED.sub(" … ", whole)
    if _FROM_A_PLACE.search(whole):
        return True
    lower = whole.lower()
    return bool(_ALWAYS.search(lower)) or any(_has_remark(c) for c in _BREAK.split(lower))


def _plainly(sentence: str) -> str:
    """Leave out accents and what does not show, so that "n\u00e9rvous" is read like "nervous"."""
    if sentence.isascii():
        return sentence
    shown = unicodedata.normalize("NFKD", sentence)
    return "".join(c for c in shown if unicodedata.category(c) not in ("Mn", "Cf"))


def _written_out(sentence: str) -> str:
    """Write contractions out, so that "you're" is read like "you are"."""
    if "'" in sentence or "’" in sentence:
        for short, long in _CONTRACTIONS:
            sentence = short.sub(long, sentence)
    return sentence


def _has_remark(clause: str) -> bool:
    """Whether a delicate word of a clause is neither excused nor told by the answer."""
    excused = _EXCUSED.sub(" … ", clause)
    word = _DELICATE.search(excused)
    if word is None:
        return False
    told = _ABOUT_THE_ANSWER.search(excused)
    return told is None or told.end() > word.start()
