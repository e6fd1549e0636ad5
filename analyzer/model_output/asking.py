"""Whether a model's text may be shown, and its question asked: about the work, and no orders.

A follow-up question stands on an answer, a question to a role on what an interview is about.
"""

from __future__ import annotations

import re

from analyzer.model_output.claims import Transcript
from analyzer.model_output.english import looks_english
from analyzer.model_output.guardrails import forbidden
from analyzer.model_output.model_text import one_line

ROLE_QUESTION_LEAST = 15
ROLE_QUESTION_MOST = 200
"""Characters of a question to a role."""

_NO_FEEDBACK = re.compile(
    r"https?:|www\.|://|<@|@(?:everyone|here)\b|\bdiscord\.gg"
    r"|\b(?:ignor|disregard|forget|overrid)\w* (?:the|all|any|your|my|previous|these|this|above)\b"
    r"|\b(?:system prompt|(?:this|the) (?:rubric|prompt|schema|json)|as an ai|language model"
    r"|(?:previous|above|following) instructions?|instructed to|api[ _-]?keys?)\b"
    r"|\]\(|[\w.+-]+@[\w-]+\.\w"
    r"|\b(?:send|give|tell|share|enter|type|confirm|provide|post|e-?mail|dm|message|click|visit)\b"
    r"[^.!?]*\b(?:your|me|us)\b[^.!?]*\b(?:passwords?|passcodes?|pins?|cards?|bank|accounts?"
    r"|log-?ins?|tokens?|phone|address|e-?mail)\b",
    re.IGNORECASE,
)
"""What stands in orders and advertisements, and in no feedback on an answer."""

_ADDRESS = re.compile(r"\b[\w-]+\.(?:[a-z]{2,24}/|[a-z]{2,24}\b)", re.IGNORECASE)
"""Looks like an address of a page, such as "example.org"; so does "e.g", which is ordinary."""

_NO_ADDRESS = frozenset({"node.js", "vue.js", "next.js", "asp.net", "socket.io", "vs.net"})

_ABOUT_SPEAKING = re.compile(
    r"\b(?:you|your)\b[^?]*\b(?:speak(?:ing)?|spoke|talk(?:ing)? so|paus(?:e[ds]?|ing)|voice|tone|"
    r"gestur\w*|posture|camera|eye contact|fillers?|pitch|pace of|volume)\b",
    re.IGNORECASE,
)
"""A follow-up question is about what was said, and not about how."""

_PERSONAL = re.compile(
    r"\b(?:how|what) (?:old|tall|heavy|healthy|rich|religious) (?:are|were) you\b"
    r"|\b(?:your|you have|are you|you are|do you|were you|you (?:a|an|ever)|you were)\b"
    r"[^?]*\b(?:age|born|birth\w*|married|single|divorced|engaged|spouse|husband|wife"
    r"|partner at home|boyfriend|girlfriend|child|children|kids|pregnan\w*"
    r"|(?:have|start|raise|plan\w*) a family|siblings?|parents?"
    r"|mother|father|mum|mom|dad|religio\w*|church|mosque|synagogue|pray|faith|nationality"
    r"|citizen\w*|visa|originally|ethnic\w*|native|accent|gay|straight|lesbian|bisexual|trans"
    r"|gender|sexual\w*|vot(?:e|ed|ing)|party member\w*|politic\w*|health|healthy|ill|illness|sick"
    r"|disab\w*|medica\w*|therap\w*|diagnos\w*|doctor|drink alcohol|smoke|drugs|weight|height"
    r"|salary|income|earn|savings|debts?|criminal|arrested|convicted|phone number|home address"
    r"|where you live|e-?mail|passwords?|credit card|bank|account number|social security|passport"
    r"|tattoos?|looks)\b"
    r"|\b(?:which|what) (?:party|church|faith|god|country)\b[^?]*\byou\b"
    r"|\bwhere (?:are|do|were|did) you (?:\w+ )?(?:from|live|born|grow up|come from)\b"
    r"|\bhow (?:do|did|does|are|were) (?:you|that|it|this)(?: make you)? (?:feel|feeling)\b"
    r"|\byour (?:mother tongue|native language|birthplace)\b",
    re.IGNORECASE,
)
"""Asks about the person or for a secret: what an interviewer may not ask either."""

_NEVER_ASKED = re.compile(
    r"\b(?:pregnan\w*|maternity|paternity|marital|marri(?:ed|age)|husband|wife|boyfriend|girlfriend"
    r"|spouse|religi\w*|church|mosque|synagogue|pray\w*|faith|ethnic\w*|racial\w*|nationalit\w*"
    r"|immigra\w*|native speakers?|mother tongue|accents?|gender\w*|sexual\w*|gay|lesbian|disab\w*"
    r"|wheelchair|overweight|obes\w*|tattoo\w*|hair\w*|skin|handsome|pretty|ugly|attractive"
    r"|politic\w*|union member\w*|salary|criminal record|arrested|how old|too old|too young"
    r"|birth\w*|retire\w*|sick (?:days?|leave)|you weigh|vot(?:e|ed|ing) for"
    r"|in a (?:relationship|partnership)|(?:had|undergone) (?:any |an? )?(?:surgery|operation)"
    r"|marry|chronic|you believe in|races|feminis\w+|live alone"
    r"|your (?:\w+ )?(?:age|health|body|weight|height|looks|appearance|family"
    r"|children|kids|parents|home life|private life|beliefs)"
    r"|what (?:is|are|was|were) (?:the|your) (?:\w+ )?(?:passwords?|passcodes?|pins?|log-?ins?))\b",
    re.IGNORECASE,
)
"""What no interviewer may ask about, whoever it is said of: other questions can be worded."""

_OWN_LIFE = re.compile(
    r"\b(?:do|did|will|would|are|have|can|could|were) you (?:\w+ )?(?:have|had|got|plan\w*|want"
    r"|expect\w*|rais\w*|start\w*|find a|look\w* after)\b[^?]*\b(?:child\w*|kids?|family|baby"
    r"|relatives?|parents?|doctor|illness\w*|sick\w*|medica\w*|therap\w*|partner)\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"\b(?:an?|the|each|every|some|most|many|their|two|three|several|with|to|for|of|and|or|between"
    r"|different|difficult|angry|upset|anxious|worried|younger|new|young)"
    r" (?:patients?|residents?|pupils?|students?|child(?:ren)?|kids|parents?|relatives"
    r"|famil(?:y|ies)|doctors?|clients?|customers?|guests?|callers?|learners?)(?:['’]s?)?"
    r"(?: (?:famil(?:y|ies)|parents?|relatives|health|illness\w*|condition|medica\w+|diagnos\w+"
    r"|therap\w+|doctors?))?\b"
    r"|\b(?:refus|need|accept)(?:e|es|ing|s) (?:his|her|their) (?:medica\w+|therap\w+)\b"
    r"|\b(?:giv|handl|prepar|administer|order|check|document|explain|stor)(?:e|es|ing|s)?"
    r"(?: an?| the| some| his| her| their)? (?:medica\w+|therap\w+|diagnos\w+)\b"
    r"|\b(?:health and safety|occupational health|public health|health ?care)\b"
    r"|\b(?:an?|the|company|customer['’]?s?) bank accounts?\b(?! number)",
    re.IGNORECASE,
)
"""What belongs to a job: a nurse is asked about patients, a teacher about children."""

_BEGINS = re.compile(
    r"(?:(?:please )?(?:tell (?:me|us)|describe|explain|walk (?:me|us) through|talk (?:me|us)"
    r" through|give (?:me|us) an example|give an example|share an example|imagine|suppose)"
    r"|(?:and )?(?:what|how|why|when|which|where|who)\b|have you ever|can you|could you|would you"
    r"|in (?:which|what|your)|if |as an? |a |an |the |you |your |two |after "
    r"|during |when |before |with |on |at |for |one )",
    re.IGNORECASE,
)
"""How a question about work begins. One that begins with "Are you" or "Do you" is about the person
more often than not."""

_IMPERATIVE = re.compile(
    r"(?:please )?(?:tell (?:me|us) (?:about|how|what|of)|describe|explain|walk (?:me|us) through"
    r"|talk (?:me|us) through|give (?:me|us )?(?:me |us )?an example|share an example)\b",
    re.IGNORECASE,
)
_FEW = re.compile(r"\b(?:one|two|three|four|five|once|twice|first|second|[1-5])\b", re.IGNORECASE)
"""Numbers that anybody makes up a case with."""

_INSIDE = re.compile(r"[.!?…]\s+\S")
_NUMBERED = re.compile(r"^(?:(?:question|q)?\s*\d{1,2}\s*[.):-]|[-*•])\s+", re.IGNORECASE)
_PLAIN = re.compile(r"[\w\s,.?!'’“”\"():;/&%+#–-]+")
"""No markdown, no mention, no address, no picture."""


def holds_order(text: str) -> bool:
    """Whether a text gives orders to a model or sends a reader elsewhere."""
    return _NO_FEEDBACK.search(text) is not None


def addresses_in(text: str) -> frozenset[str]:
    """What looks like the address of a page in a text."""
    return frozenset(found.casefold() for found in _ADDRESS.findall(text)) - _NO_ADDRESS


def asks_about_speaking(text: str) -> bool:
    """Whether a question is about how something was said."""
    return _ABOUT_SPEAKING.search(text) is not None


def asks_about_person(text: str) -> bool:
    """Whether a question is about the person, or asks for a secret."""
    return _PERSONAL.search(text) is not None


def role_question(found: object, about: Transcript) -> str:
    """A question that a model worded for a role; empty where it may not be asked.

    It is one sentence of 15 to 200 characters, a question or a request such as "Describe …", in
    English and without a name or number that the role's description lacks. What stands in the
    description word for word is not the model's own, but maybe an order to it, and is not asked.
    """
    if not isinstance(found, str) or len(found) > 4 * ROLE_QUESTION_MOST:
        return ""
    text = _NUMBERED.sub("", one_line(found)).strip().strip('"“”').strip()
    if not ROLE_QUESTION_LEAST <= len(text) <= ROLE_QUESTION_MOST or not _PLAIN.fullmatch(text):
        return ""
    asks = text.endswith("?") or (_IMPERATIVE.match(text) and not text.endswith(("!", "…")))
    if not asks or not _BEGINS.match(text) or _INSIDE.search(text) or text.count("?") > 1:
        return ""
    of_others = _NO_PERSON.sub("somebody", text)
    unfit = (
        holds_order(text)
        or addresses_in(text)
        or forbidden(of_others)
        or _NEVER_ASKED.search(of_others)
        or _OWN_LIFE.search(text)
        or asks_about_person(of_others)
        or asks_about_speaking(text)
        or not looks_english(text)
        or about.lacks_names_of(text, at_starts=False)
        or about.lacks_numbers_of(_FEW.sub("some", text))
        or about.find(text) is not None
    )
    return "" if unfit else text
