"""How a judge can fail, in short codes for the log and one sentence each for who runs the bot."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import EngineBusy, EngineError, EngineRefused, EngineUnavailable

SENTENCES: Mapping[str, str] = {
    "key_refused": "The judge refuses the key (401). Set JUDGE_API_KEY, or its file, to one that "
    "JUDGE_URL's server accepts.",
    "forbidden": "The judge's server does not let this key use it (403). Check JUDGE_API_KEY and "
    "what the account may use.",
    "not_found": "The judge's server knows no such model or address (404). Compare JUDGE_MODEL "
    "with what the server lists, and JUDGE_URL with its base, which mostly ends in /v1.",
    "unreachable": "Nothing answers at JUDGE_URL: the connection was refused, or there is no such "
    "host. Start the judge's server, or correct the address.",
    "tls": "The judge's server has no certificate that this machine trusts, or speaks no TLS at "
    "that port. Correct JUDGE_URL (http:// for a server without TLS), or the certificate.",
    "redirected": "JUDGE_URL leads to another address, and Greenroom follows none. Set JUDGE_URL "
    "to the last one.",
    "busy": "The judge's server takes no more requests now (429). Try again later, or check the "
    "account's limits and credit.",
    "request_refused": "The judge's server does not take such requests (400). It must offer "
    "/chat/completions as OpenAI's does, with at least 8,000 tokens of context.",
    "server_error": "The judge's server answers with an error of its own (5xx). Look at its log.",
    "timeout": "The judge did not answer in time. Raise JUDGE_SECONDS, or choose a smaller model.",
    "cut": "The connection to the judge broke off in the middle of its answer. Look at its log.",
    "unusable": "The judge answered, but not with what was asked for. Choose a model that follows "
    "instructions, of 7 billion parameters or more.",
    "resting": "The judge has failed several times in a row and is left alone for a few minutes.",
    "internal": "Asking the judge failed inside Greenroom. Its log says where.",
}
"""What each code means for who runs the bot. Never a word of the server's own."""

LASTING = frozenset({"key_refused", "forbidden", "not_found", "tls", "redirected"})
"""Failures that the next attempt would meet as well."""


class JudgeFailed(Exception):
    """A call failed for good. Its text is the code."""

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after  # seconds the server asked to wait

    def to_engine_error(self) -> EngineError:
        """The same for `bot.py check`."""
        code, sentence = f"judge_{self.code}", SENTENCES[self.code]
        if self.code == "busy":
            return EngineBusy(code, sentence, retry_after=self.retry_after or 60)
        if self.code in LASTING:
            return EngineRefused(code, sentence)
        return EngineUnavailable(code, sentence)
