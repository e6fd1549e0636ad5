"""Made for the page's tests: a result about the demo clip, and what the fake camera shows."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler

from analyzer.scoring.wording import MADE_BY
from core.assessment import EngineName
from demo import SAMPLE_CLIP

SOUND_SECONDS = 8.0
PICTURE_SECONDS = 3.0
CAMERA_RATE = 10  # frames a second: more would only cost time
SOUND_RATE = 48_000


def fake_camera(
    folder: Path, sound_seconds: float = SOUND_SECONDS, picture_seconds: float = PICTURE_SECONDS
) -> tuple[Path, Path]:
    """The beginning of the demo clip as Chromium's fake devices play it: pictures, and sound."""
    return _pictures(folder / "camera.y4m", picture_seconds), _sound(
        folder / "microphone.wav", sound_seconds
    )


def fake_night(folder: Path) -> tuple[Path, Path]:
    """A camera in the dark, and a microphone that hears nothing."""
    camera, microphone = folder / "night.y4m", folder / "silence.wav"
    black = bytes([16]) * (320 * 240) + bytes([128]) * (320 * 240 // 2)
    camera.write_bytes(b"YUV4MPEG2 W320 H240 F10:1 Ip A1:1 C420jpeg\n" + b"FRAME\n" + black)
    with wave.open(str(microphone), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(SOUND_RATE)
        target.writeframes(bytes(SOUND_RATE * 2))
    return camera, microphone


def _pictures(path: Path, seconds: float) -> Path:
    """YUV4MPEG2, because it says how many frames a second there are; few are enough."""
    shown = 0
    with av.open(str(SAMPLE_CLIP)) as source, path.open("wb") as target:
        for frame in source.decode(video=0):
            if frame.time is None or frame.time > seconds:
                break
            if frame.time * CAMERA_RATE < shown:
                continue
            if not shown:
                about = f"W{frame.width} H{frame.height} F{CAMERA_RATE}:1 Ip A1:1 C420jpeg"
                target.write(f"YUV4MPEG2 {about}\n".encode())
            target.write(b"FRAME\n" + frame.reformat(format="yuv420p").to_ndarray().tobytes())
            shown += 1
    return path


def _sound(path: Path, seconds: float) -> Path:
    resampler = AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
    with av.open(str(SAMPLE_CLIP)) as source, wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(SOUND_RATE)
        for frame in source.decode(audio=0):
            if frame.time is None or frame.time > seconds:
                break
            for part in resampler.resample(frame):
                target.writeframes(part.to_ndarray().tobytes())
    return path


def _not_assessed(metric: str, label: str) -> dict[str, Any]:
    return {
        "metric": metric,
        "label": label,
        "value": None,
        "reason": "not assessed locally",
        "evidence": "",
        "at_seconds": None,
    }


WHOLE: dict[str, Any] = {
    "strength_at": 1.0,
    "next_step_at": 5.0,
    "not_looked_at": "This server measures on its own machine: body language needs a video model.",
    "not_heard": ["How it ended. Did you say it?"],
    "parts": [
        {"name": "situation", "label": "Situation", "at_seconds": 0.2},
        {"name": "task", "label": "Task", "at_seconds": 2.0},
        {"name": "action", "label": "What you did", "at_seconds": 4.9},
        {"name": "result", "label": "Result", "at_seconds": None},
    ],
    "structure": "An opening sentence, no closing one; 1 signpost such as “first”.",
    "better": {
        "quote": "So I read in the mornings",
        "at_seconds": 4.9,
        "better": "Every morning I read one chapter",
    },
    "follow_up": "What came of it in the end?",
    "picture": {
        "lines": ["Your head was toward the camera in 82% of the pictures"],
        "toward_share": 0.82,
        "away": [{"start": 3.0, "end": 4.2, "value": -31.0}],
    },
    "changes": ["Overall 6.8, before 6.1", "Up: Clarity 5 → 6", "The same: Confidence"],
    "line": {
        "title": "Overall",
        "values": [5.2, None, 6.1, 6.8],
        "words": "Overall in your last 3 attempts: 5.2, 6.1, 6.8.",
    },
}
"""What a result has beside `RESULT` when everything was looked at."""

REMARKS: list[dict[str, Any]] = [
    {
        "kind": "fastest",
        "text": "You spoke fastest here",
        "figure": "198 words per minute",
        "at_seconds": 4.9,
        "seconds": 1.7,
    },
    {
        "kind": "flattest",
        "text": "Your voice stayed on nearly one note",
        "figure": "0.8 semitones",
        "at_seconds": 2.0,
        "seconds": 1.4,
    },
]


def whole_result() -> dict[str, Any]:
    """A result in which everything was found."""
    found: dict[str, Any] = RESULT | WHOLE
    scores = [
        score | {"left_out": score["reason"] == "not assessed locally"} for score in found["scores"]
    ]
    first, *others = found["transcript"]
    marked = first | {
        "text": "Um, last 🙂 spring uh our <b>team</b> moved.",
        "fillers": [[0, 2], [18, 20]],
    }
    return found | {
        "scores": scores,
        "delivery": found["delivery"] | {"remarks": REMARKS},
        "transcript": [marked, *others],
    }


RESULT: dict[str, Any] = {
    "question": "Tell me about a time you had to learn something quickly.",
    "overall": 6.8,
    "strength": "You open with a concrete situation, so it is easy to follow from the first line.",
    "next_step": "End with what came of it: one sentence about the result, ideally with a number.",
    "scores": [
        {
            "metric": "confidence",
            "label": "Confidence",
            "value": 7,
            "reason": None,
            "evidence": "A steady voice when you say what you did yourself.",
            "at_seconds": 2.0,
        },
        {
            "metric": "clarity",
            "label": "Clarity",
            "value": 6,
            "reason": None,
            "evidence": "Situation and action are clear; the result is missing.",
            "at_seconds": 4.0,
        },
        {
            "metric": "speech_rate",
            "label": "Speech rate",
            "value": 10,
            "reason": None,
            "evidence": "152 words per minute; 140-165 is a comfortable pace.",
            "at_seconds": None,
        },
        {
            "metric": "voice_tone",
            "label": "Voice tone",
            "value": 4,
            "reason": None,
            "evidence": "Your pitch varied by 1.8 semitones; 3.5-5.5 sounds lively.",
            "at_seconds": None,
        },
        _not_assessed("eye_contact", "Eye contact"),
        _not_assessed("body_language", "Body language"),
    ],
    "key_points": [
        {
            "text": "Names the situation: a new tool, two weeks before a deadline.",
            "at_seconds": 1.0,
        },
        {
            "text": "Says how: mornings with the manual, afternoons with a colleague.",
            "at_seconds": 3.0,
        },
        {"text": "Leaves out what came of it.", "at_seconds": None},
    ],
    "delivery": {
        "words": 68,
        "words_per_minute": 152.0,
        "pauses": [{"start": 3.5, "seconds": 1.4}],
        "longest_pause_seconds": 1.4,
        "talk_ratio": 0.92,
        "fillers": [{"text": "umm", "at_seconds": 1.5}, {"text": "uh", "at_seconds": 5.2}],
        "fillers_counted": True,
        "pitch_variation_semitones": 1.8,
        "span_seconds": 6.0,
        "lines": [
            "152 words per minute",
            "1 pause over 1 s: 1.4 s at 0:03",
            "At least 2 fillers (umm 1×, uh 1×)",
            "Speaking 92% of the time, from first word to last",
            "Pitch variation: 1.8 semitones",
        ],
    },
    "transcript": [
        {"text": "Last spring our team moved to a new tool.", "start": 0.2, "end": 1.9},
        {"text": "I had two weeks to learn it.", "start": 2.0, "end": 3.4},
        {
            "text": "So I read in the mornings and tried it with a colleague.",
            "start": 4.9,
            "end": 6.6,
        },
    ],
    "notes": [
        MADE_BY[EngineName.LOCAL],
        "English was assumed.",
    ],
    "duration_seconds": 7.0,
    "footer": "AI estimate for practice. Not a hiring assessment.",
}
