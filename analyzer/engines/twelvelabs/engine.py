"""The engine `twelvelabs`: the vendor's model assesses the clip by our rubric."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import twelvelabs

from analyzer.engines import Job, Pending, SaveRefs
from analyzer.engines.twelvelabs.assets import Assets
from analyzer.engines.twelvelabs.client import CallFailed, Sleep, Vendor
from analyzer.engines.twelvelabs.deadlines import Deadlines, within
from analyzer.engines.twelvelabs.errors import UNAVAILABLE, VendorProblem, clip_missing
from analyzer.engines.twelvelabs.response import ModelResponse, every_metric, merge, read_response
from analyzer.engines.twelvelabs.tasks import Analysis, Tasks
from analyzer.engines.vendor_turns import Bill, Turns
from analyzer.media.placeholder import behind_picture
from analyzer.model_output.claim_reader import ClaimReader
from analyzer.model_output.claims import Transcript
from analyzer.scoring import advice, delivery
from analyzer.scoring.as_found import as_found
from analyzer.scoring.languages import ENGLISH, guarded_note
from analyzer.scoring.parts import parts_of
from analyzer.scoring.rubric import RUBRIC_VERSION
from core.assessment import Assessment, EngineName, Metric, Sentence
from core.errors import EngineBusy, EngineError, EngineRefused, EngineUnavailable, MustWait, OverCap
from core.models import VendorRefs

NO_TRANSCRIPT = "No transcript came back, so pace, pauses and fillers were not measured."


class TwelveLabsEngine:
    """Uploads a clip, has it analyzed against the rubric, and deletes every copy.

    Args:
        api_key: The operator's key. It goes into the request header and nowhere else.
        model: The vendor's model, always named: its default changes.
        installation: Which Greenroom this is; part of every file name, so a sweep finds its own.
        base_url: Another base, with `/v1.3`. TWELVELABS_BASE_URL in the environment wins (SDK).
        deadlines: How long each step may take.
        sleep: Waits between looks at the vendor, and for our turn.
        turns: Keeps the key's calls within what the vendor allows; `None`: nobody does.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        installation: str,
        base_url: str | None = None,
        deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen, safe to share
        sleep: Sleep = asyncio.sleep,
        turns: Turns | None = None,
    ) -> None:
        self._vendor = Vendor(
            api_key=api_key, base_url=base_url, deadlines=deadlines, turns=turns, sleep=sleep
        )
        self._assets = Assets(self._vendor, f"greenroom-{installation}-", deadlines, sleep)
        self._tasks = Tasks(self._vendor, model, deadlines)
        self._model = model
        self._discard_seconds = deadlines.discard

    @property
    def name(self) -> EngineName:
        """Which engine this is."""
        return EngineName.TWELVELABS

    @property
    def version(self) -> str:
        """The model that was asked, and through which SDK."""
        return f"{self._model} (twelvelabs {twelvelabs.__version__})"

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """Upload the clip, once, and return when the vendor calls it ready.

        Raises:
            EngineError: the vendor refused the clip, is busy, or did not answer in time.
            MustWait: the vendor's limits or the operator's cap let it go on later.
        """
        with _translate_call_errors():
            refs = job.refs
            if refs.asset_id is None:
                asset_id = await self._upload(job)
                refs = VendorRefs(asset_id=asset_id, task_ids=refs.task_ids)
                await save_refs(refs)
            await self._assets.until_ready(_asset_of(refs))
            return refs

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """Begin the analysis, once however often it is called.

        Raises:
            EngineError: the vendor refused it, is busy, or did not answer in time.
            MustWait: the vendor's limits let it go on later.
        """
        with _translate_call_errors():
            if job.refs.task_ids:
                return job.refs
            return await self._begin(job, save_refs, look_first=job.resumed)

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        """Look at the analysis once; begin one repeat when it is not usable as it is.

        Raises:
            EngineError: the analysis failed, gave nothing usable, or the vendor did not answer.
            MustWait: the vendor's limits let it go on later.
        """
        with _translate_call_errors():
            analysis = await self._tasks.look(job.refs.task_ids[-1])
            if not analysis.ended:
                return Pending(analysis.held_up)
            if analysis.failure is None:
                job.note_seconds(analysis.seconds)
            response = _response_of(job, analysis)
            if len(job.refs.task_ids) > 1:
                response = merge(await self._earlier(job), response)
            elif isinstance(analysis.failure, EngineRefused):
                raise analysis.failure
            elif not response.complete and await self._repeat(job, save_refs, response):
                return Pending()
            if response.empty and analysis.failure is not None:
                raise analysis.failure
            return await self._assessment(job, response)

    async def ended(self) -> frozenset[str] | None:
        """List the analyses that have ended, `None` where they are more than fit in a few pages.

        Raises:
            EngineError: the vendor did not answer.
            MustWait: the vendor's limits let it be read later.
        """
        with _translate_call_errors():
            return await self._tasks.ended()

    async def discard(self, refs: VendorRefs) -> None:
        """Delete the analyses and then the clip; what is gone already counts as deleted.

        Analyses of the clip whose ids never reached us are looked up and deleted too.

        Raises:
            EngineUnavailable: something could not be deleted now; all else was.
            EngineBusy: something has to wait for its turn.
        """
        until, problems = within(self._discard_seconds), list[VendorProblem]()
        waits = list[MustWait]()

        async def note(call: Awaitable[list[str] | None]) -> list[str]:
            try:
                return await call or []
            except CallFailed as failed:
                problems.append(failed.problem)
            except MustWait as wait:
                waits.append(wait)
            return []

        task_ids = list(refs.task_ids)
        if refs.asset_id is not None:
            task_ids += await note(self._tasks.of_asset(refs.asset_id, until))
        for task_id in dict.fromkeys(task_ids):
            await note(self._tasks.delete(task_id, until))
        if refs.asset_id is not None:
            await note(self._assets.delete(refs.asset_id, until))
        if problems:
            raise EngineUnavailable(problems[0].code, UNAVAILABLE)
        if waits:
            raise _in_line(max(wait.seconds for wait in waits))

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:
        """Delete the copies of this installation's clips whose attempt is not under way.

        Returns how many clips were deleted.

        Raises:
            EngineError: the vendor did not answer, or something could not be deleted now.
        """
        with _translate_call_errors(), _not_waiting():
            copies = await self._assets.ours()
        under_way = await open_ids()
        orphans = [asset_id for attempt_id, asset_id in copies if attempt_id not in under_way]
        left: EngineError | None = None
        for asset_id in orphans:
            try:
                await self.discard(VendorRefs(asset_id=asset_id))
            except EngineError as error:
                left = error
        if left is not None:
            raise left
        return len(orphans)

    async def check(self) -> str:
        """Make one cheap call with the key, and say that it worked.

        Raises:
            EngineRefused: the key or the account is refused; the sentence is for the operator.
            EngineBusy: the rate limit is reached.
            EngineUnavailable: TwelveLabs cannot be reached.
        """
        try:
            with _translate_call_errors(), _not_waiting():
                await self._assets.reachable()
        except EngineRefused as refused:
            raise EngineRefused(
                refused.code,
                f"TwelveLabs refuses this access ({refused.code}). Check TWELVELABS_API_KEY and "
                "the account's plan and quota in the TwelveLabs playground.",
            ) from None
        return f"TwelveLabs answers, model {self._model}."

    async def aclose(self) -> None:
        """Close the connections."""
        await self._vendor.aclose()

    async def _upload(self, job: Job) -> str:
        """Upload the clip, once it is counted: the analysis of it will be billed."""
        is_new = await job.bill.begin(1)
        # what was not counted was not sent either, so there is nothing to look for
        job = replace(job, resumed=job.resumed and not is_new)
        async with _taken_back(job.bill, 1, is_new=is_new):
            return await self._send(job)

    async def _send(self, job: Job) -> str:
        """Sound goes behind a plain picture, since Pegasus takes video only."""
        if job.facts.has_picture:
            return await self._assets.upload(job)
        if not await asyncio.to_thread(job.clip.exists):
            raise clip_missing()
        async with behind_picture(job.clip, job.facts) as video:
            facts = job.facts.model_copy(update={"container": "mp4"})
            return await self._assets.upload(replace(job, clip=video, facts=facts))

    async def _begin(self, job: Job, save_refs: SaveRefs, *, look_first: bool) -> VendorRefs:
        asset_id, number = _asset_of(job.refs), len(job.refs.task_ids) + 1
        is_new = await job.bill.begin(number)
        async with _taken_back(job.bill, number, is_new=is_new):
            task_id = await self._tasks.create(job, asset_id, look_first=look_first and not is_new)
        refs = VendorRefs(asset_id=asset_id, task_ids=(*job.refs.task_ids, task_id))
        await save_refs(refs)
        return refs

    async def _repeat(self, job: Job, save_refs: SaveRefs, response: ModelResponse) -> bool:
        """Begin the repeat; when that fails, what is usable of the first analysis has to do."""
        try:
            await self._begin(job, save_refs, look_first=True)
        except (CallFailed, EngineRefused, OverCap):
            if response.empty:
                raise
            return False
        return True

    async def _earlier(self, job: Job) -> ModelResponse:
        """Read the first of two analyses again; an empty response when it is gone."""
        try:
            return _response_of(job, await self._tasks.look(job.refs.task_ids[0]))
        except CallFailed as failed:
            if failed.problem.missing:
                return ModelResponse(scores={})
            raise

    async def _assessment(self, job: Job, response: ModelResponse) -> Assessment:
        scores = every_metric(response)
        has_audio = job.facts.has_audio
        words = await self._assets.words(_asset_of(job.refs)) if has_audio else ()
        missing = _no_transcript(job.metrics_off) if has_audio and not words else ""
        language = job.language or ENGLISH
        transcript = delivery.sentences(words, language=language)
        assessment = Assessment(
            engine=self.name,
            engine_version=self.version,
            rubric_version=RUBRIC_VERSION,
            scores=scores,
            strength=response.strength or advice.strength_of(scores),
            next_step=response.next_step or advice.next_step_of(scores),
            key_points=response.key_points,
            **_content(job, response, transcript),
            delivery=delivery.without(delivery.measure(words, language=language), job.metrics_off),
            transcript=transcript,
            language=job.language,
            notes=tuple(filter(None, (missing, guarded_note(job.language)))),
        )
        return as_found(assessment, job.facts)


def _response_of(job: Job, analysis: Analysis) -> ModelResponse:
    return read_response(
        analysis.data,
        duration_seconds=job.facts.duration_seconds,
        has_audio=job.facts.has_audio,
        has_picture=job.facts.has_picture,
        off=job.metrics_off,
    )


def _content(job: Job, response: ModelResponse, transcript: Sequence[Sentence]) -> dict[str, Any]:
    """The fields about what was said, as far as the transcript bears them out."""
    if Metric.RELEVANCE in job.metrics_off or not transcript:
        return {}
    reader = ClaimReader(
        Transcript(transcript, also=(job.question,)),
        duration_seconds=job.facts.duration_seconds,
        off=job.metrics_off,
    )
    said = response.content
    return {
        "parts": reader.parts(said.get("parts"), parts_of(job.kind or "")),
        "follow_up": reader.follow_up(said.get("follow_up")),
        "better": reader.better(said.get("better")),
    }


def _no_transcript(off: frozenset[Metric]) -> str:
    return "No transcript came back." if Metric.SPEECH_RATE in off else NO_TRANSCRIPT


def _asset_of(refs: VendorRefs) -> str:
    if refs.asset_id is None:
        raise clip_missing()
    return refs.asset_id


@contextmanager
def _translate_call_errors() -> Iterator[None]:
    """Turn a failed call into the error the member is told about."""
    try:
        yield
    except CallFailed as failed:
        raise failed.problem.to_engine_error() from None


@contextmanager
def _not_waiting() -> Iterator[None]:
    """Turn a place in line into an error: whoever calls comes again by itself."""
    try:
        yield
    except MustWait as wait:
        raise _in_line(wait.seconds) from None


def _in_line(seconds: float) -> EngineBusy:
    sentence = "TwelveLabs' limits are reached for now. Try again in a few minutes."
    return EngineBusy("vendor_line", sentence, retry_after=seconds)


@asynccontextmanager
async def _taken_back(bill: Bill, number: int, *, is_new: bool) -> AsyncIterator[None]:
    """Count an analysis no longer where the vendor certainly got nothing of it."""
    try:
        yield
    except (MustWait, CallFailed) as error:
        if is_new and error.nothing_arrived:
            await bill.nothing_arrived(number)
        raise
