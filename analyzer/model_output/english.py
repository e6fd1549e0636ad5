"""Whether a text is in English: the guardrails know no other language."""

from __future__ import annotations

import re

_FUNCTION_WORDS = (
    "the of and to that is was for it with as his on be at by had not are but from or have an they "
    "which one you were all her she there would their we him been has when who will no more if out "
    "so said what up its about into than them can only other some could these two may then do did "
    "first any my now such like our over me even most made after also many before must through "
    "your how where much should well because each just those own too here does again this i he "
    "keep say give try add name tell show start end what's don't you're it's"
)
_COMMON = frozenset(_FUNCTION_WORDS.split())
_ELSEWHERE = (  # the commonest words of languages that share some of the above
    "de la el los las un una y en es que por con para del se lo su como más pero sus le les des "
    "et du une dans est pour qui sur au avec ce il sont pas plus par je ne nous vous der die das "
    "und den von zu mit sich dem nicht ein eine ist auf für im auch wir ich sie het een van dat "
    "niet zijn met voor op te og det som på til av ikke å och att är jag inte di che non per sono "
    "gli della con il nel è do da não uma os para com ao bir bu ve için ile çok w na nie się z jest"
)
_FOREIGN = frozenset(_ELSEWHERE.split()) - {"do", "me", "on", "he", "i", "will"}

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")

_SHORT = 4
"""Words of a text in which too little stands to tell by words; there the letters must do."""


def looks_english(text: str) -> bool:
    """Whether a text seems to be in English. A quotation in it may be in any language.

    By the commonest words of English and of a dozen other languages. Of a few words only other
    scripts are told. An empty text is no foreign one.
    """
    bare = re.sub(r'"[^"]*"|“[^”]*”', " ", text)
    letters = _LETTERS.findall(bare)
    if len(letters) > 2 * sum(_LATIN.match(letter) is not None for letter in letters):
        return False
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(bare)]
    foreign = sum(word in _FOREIGN for word in words)
    common = sum(word in _COMMON for word in words)
    if len(words) <= _SHORT:
        return foreign == 0 or common > 0
    return common > foreign
