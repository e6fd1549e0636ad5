"""Makes `demo/sample-answer.mp4` anew, and says what is known to be in it.

Run as `python -m tools.sample_clip PORTRAIT`, with the path of scikit-image's `astronaut.png`, on a
machine with festival and festvox-us-slt-hts (Debian). Nobody ever gave this answer.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from demo import SAMPLE_CLIP
from tools.made_clips import Turn, speaking, write_clip
from tools.made_speech import Part, speak
from tools.portrait import Portrait

ANSWER: Sequence[Part] = (
    "Last spring the launch of our new booking page was at risk.",
    0.4,
    "We had four weeks left, and nobody had tested the payments.",
    0.4,
    "My task was to get them ready in time.",
    0.45,
    "~um",
    0.3,
    "First, I wrote down every step, and dropped two features that nobody needed.",
    1.5,
    "Then I asked",
    0.25,
    "~uh",
    0.3,
    "a colleague to test with me every morning.",
    0.45,
    "As a result, we launched on the day we had promised,"
    " with forty percent fewer errors than before.",
    0.4,
    "What I learned is to cut early, and to tell people why.",
)
"""Situation, task, two actions, result and a closing sentence."""

SPEED = 0.96
TURNS = (Turn(11.2, 13.0, -38), Turn(22.6, 24.4, 36))


def main(arguments: Sequence[str]) -> int:
    """Write the clip and print its truth. Returns the exit code."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    speech = speak(ANSWER, speed=SPEED)
    pictures = speaking(Portrait(Path(arguments[0])), speech.sound, TURNS)
    write_clip(SAMPLE_CLIP, pictures, speech.sound, quality=24)
    print(f"{speech.seconds:.1f} s, {SAMPLE_CLIP.stat().st_size / 1000:.0f} kB")
    print(f"{len(speech.text.split())} words, {speech.words_per_minute:.1f} a minute")
    print(f"pauses {speech.pauses}, fillers {speech.fillers}, parts at {speech.said_at}")
    print(f"away from the camera: {TURNS}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
