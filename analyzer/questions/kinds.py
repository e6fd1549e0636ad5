"""What kind of answer a question wants: looked up where it is known, else told by its wording."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.questions.bank import starter_like
from core.questions import AnswerKind, Question, QuestionKind
from storage.repositories.questions import Questions

_OPENER_TAGS = frozenset({"introduction", "motivation"})

_OPENER = re.compile(
    r"\b(?:(?:about|introduce|describe|sum up) (?:yourself|who you are)|who are you\b"
    r"|(?:through|about|summari[sz]e) your (?:cv|r[eé]sum[eé]|background|career|story|path|profile)"
    r"|what (?:brings|brought|drew|draws|attracts|attracted|interests|excites|appeals to|motivates"
    r"|drives) you|what (?:made|makes) you (?:apply|choose|want|interested)"
    r"|why (?:do|did|would|are|have) you (?:want|wanting|apply|applied|applying|choose|chosen|like"
    r"|interested|looking|leave|leaving|here|decide|become|study|pick|join)"
    r"|why (?:us|me|you|here)\b|why should (?:we|i) (?:hire|choose|pick|take|give)"
    r"|why (?:this|our|the|that) (?:job|role|company|position|field|team|firm|industry|profession"
    r"|university|school|programme|program|course|organi[sz]ation)"
    r"|why (?:does|do) (?:this|the|our)\b[^.?!]{0,60}\b(?:interest|appeal|attract)"
    r"|why (?:are you|you are|you're) (?:a|the) (?:good|right|best)"
    r"|your (?:greatest |biggest |main |top |key )?(?:strengths?|weakness(?:es)?)\b"
    r"|(?:see|picture) yourself\b|what are you looking for|what do you (?:know about us|do best)"
    r"|what do you do (?:especially )?well|your (?:dream job|career goals?))",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"\b(?:(?:a|an|one|any|the|some|last) (?:specific |recent |particular |real |difficult )?"
    r"(?:time|situation|occasion|instance|moment|episode)s?\b[^.?!]{0,40}\b(?:you|your|when|where)"
    r"|example of (?:a |the )?(?:time|how you|when you|something you)|have you ever|did you ever"
    r"|when (?:did|have|was) (?:you|the last time)|(?:was|is) the last time you|how did you\b"
    r"|what did you\b|how have you\b|you (?:once|recently|had to|have had to))",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:tell (?:me|us) (?:about|of)|talk (?:me|us)? ?(?:about|through)|describe|share|discuss"
    r"|walk (?:me|us) through|give (?:me|us)? ?an example)\b[^.?!]{0,120}"
    r"\b(?:you(?:'ve|’ve| have)? (?:\w+ed\b|made|did|had|took|led|gave|got|were|found|built|wrote"
    r"|saw|went|chose|won|lost|faced|ran|taught|learnt|said|done|taken|led|given|been|proud)"
    r"|your (?:biggest|greatest|proudest|worst|hardest|most|last|best)|was|were|feedback"
    r"|(?:difficult|angry|unhappy|hard)\b[^.?!]{0,30}(?:customer|client|user|colleague|boss|manager"
    r"|person|people|project|decision))",
    re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"\b(?:difference between|how (?:does|do) (?!(?:you|we)\b)|what (?:is|are|was|does|happens"
    r"|makes) (?!(?:your|you|something|the (?:first|last|most|biggest|hardest))\b)"
    r"|explain\b|which (?:tools?|languages?|frameworks?|methods?|technolog)"
    r"|how (?:do|would|can|could|did|should) (?:you|we|i|one) (?:\w+ly )?(?:test|debug|design|build"
    r"|implement|measure|check|verify|optimi[sz]e|deploy|scale|store|secure|model|calculate|comput"
    r"|analy[sz]e|choose between|review|document|configure|automate|migrate|move|refactor|find out"
    r"|write|parse|sort|prevent|monitor|keep (?!up|calm|going)|weigh|decide (?:how much|what to"
    r" test)|turn|run the|bring)"
    r"|how can\b|pros and cons|trade-?offs?|advantages?"
    r"|bug|algorithm|database|code|software|program(?!me)|api|server|sql|python|java"
    r"|version control|design of|architecture|data structure|machine learning|statistics"
    r"|regression)\b",
    re.IGNORECASE,
)
_SITUATIONAL = re.compile(
    r"\b(?:what (?:would|do|will|should) you (?:do|say|ask|tell|change|try|want|suggest)"
    r"|how (?:would|do|will) you (?:handle|deal|respond|react|approach|go (?:about|on)|manage"
    r"|answer|bring|start|begin|proceed|decide|get to|spend|read|prioriti[sz]e|behave|act|help"
    r"|convince|make sure|ensure|feel|solve|cope)"
    r"|where (?:do|would) you (?:start|begin)|what (?:is|would be) your (?:plan|first step"
    r"|next step|approach|reaction)|what happens next"
    r"|if (?:you|a|an|the|your|we|one|someone|somebody|two)\b"
    r"|imagine|suppose|what if|let(?:'s|’s) say|assume|would you ask|picture this)",
    re.IGNORECASE,
)
_SCENE = re.compile(
    r"(?:you|your|it|its|two|three|several|an?|the|everything|everybody|nobody|somebody|someone"
    r"|management|halfway|in an?|on|after|during|one)\b[^?]{3,220}[.!:;,]\s+(?:and )?"
    r"(?:how|what|where|who|which|do|would)\b[^?]{3,140}\?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AboutQuestion:
    """What is known of a question that somebody answers."""

    kind: AnswerKind
    looks_for: str = ""  # what a good answer contains, where the bank says so


def question_kind(text: str) -> AnswerKind:
    """The kind of answer a question wants: a starter's own kind, else what its wording says."""
    found = starter_like(text)
    return kind_of(found) if found else kind_by_wording(text)


async def about_question(questions: Questions, guild_id: int, text: str) -> AboutQuestion:
    """What the server's bank, the starter set or else the wording says of a question.

    Raises:
        StorageUnavailable: the bank cannot be read now.
    """
    found = await questions.like(guild_id, text) or starter_like(text)
    if found is None:
        return AboutQuestion(kind_by_wording(text))
    return AboutQuestion(kind_of(found), found.looks_for)


def kind_by_wording(text: str) -> AnswerKind:
    """The kind of answer that a question's words ask for; behavioural where nothing tells.

    The order is that of certainty: "a time you …" is a story whatever else is said, and what a
    technical question is about also stands in questions about behaviour.
    """
    if _STORY.search(text):
        return AnswerKind.BEHAVIOURAL
    if _OPENER.search(text):
        return AnswerKind.OPENER
    technical = _TECHNICAL.search(text) is not None
    if not technical and _PAST.search(text):
        return AnswerKind.BEHAVIOURAL
    if _SCENE.match(text.strip()) or (not technical and _SITUATIONAL.search(text)):
        return AnswerKind.SITUATIONAL
    if technical:
        return AnswerKind.TECHNICAL
    return AnswerKind.BEHAVIOURAL


def kind_of(question: Question) -> AnswerKind:
    """The kind of answer this question wants.

    A bank's question has one of three kinds; what makes an opener are its tags or its words.
    """
    behavioural = question.kind is QuestionKind.BEHAVIOURAL
    by_tags = bool(question.tags) and _OPENER_TAGS.issuperset(question.tags)
    by_words = kind_by_wording(question.text) is AnswerKind.OPENER
    if behavioural and (by_tags or by_words):
        return AnswerKind.OPENER
    return AnswerKind(question.kind)
