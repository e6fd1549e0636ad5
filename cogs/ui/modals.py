"""Modals that work after a restart: discord.py forgets them, so the dispatcher reads what is sent.

discord.py keeps an open modal in memory only, and drops the answer to one it does not know. So a
form's custom id says all that is needed, and `read_form` reads every answer from the payload.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import discord

from cogs.ui.text import MODAL_HELP_LIMIT, MODAL_TEXT_LIMIT, raw
from core.interviews import ABOUT_MAX
from core.models import QUESTION_MAX

CLIP_FIELD = "clip"
QUESTION_FIELD = "question"
ABOUT_FIELD = "about"

_FORM_ID = re.compile(
    r"gr-form:(?P<name>[a-z]{1,16}):(?P<subject>[0-9a-f]{16})(?::(?P<index>\d{1,2}))?"
)

_MEGABYTE = 2**20  # Discord's own

OPEN_SECONDS = 900.0
"""How long discord.py remembers a form nobody sent; Discord's token for it dies as early."""


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """A form a member has sent. The values are theirs: hostile until validated."""

    name: str
    subject: str
    index: int
    texts: dict[str, str]
    attachments: tuple[discord.Attachment, ...]


@dataclass(frozen=True, slots=True)
class UploadLimit:
    """How large a file may be that is attached here, in bytes."""

    discord: int  # what Discord takes of this member in this place
    ours: int  # what the bot takes
    studio: bool  # whether there is a studio, which takes more than Discord

    @property
    def size(self) -> str:
        """The limit that holds, as Discord writes sizes: "10 MB"."""
        return f"{max(1, min(self.discord, self.ours) // _MEGABYTE)} MB"

    @property
    def sentence(self) -> str:
        """What holds, and what to do with more."""
        if self.ours <= self.discord:
            return f"Files up to {self.size} can be sent. A shorter one, or one in 720p, will fit."
        if self.studio:
            most = f"{self.ours // 1_000_000} MB"
            return (
                f"Discord takes files up to {self.size} here, often less than a minute of a "
                f"phone's video. For more use `/practice`: its studio takes up to {most}."
            )
        return (
            f"Discord takes files up to {self.size} here, often less than a minute of a phone's "
            "video. Record in 720p or shorter, or make the file smaller first."
        )


class Form(discord.ui.Modal):
    """A modal that only shows itself; its answer is read by `read_form`."""

    def __init__(self, title: str, name: str, subject: str, index: int = 0) -> None:
        super().__init__(
            title=title, custom_id=f"gr-form:{name}:{subject}:{index}", timeout=OPEN_SECONDS
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Nothing: the dispatcher answers, before and after a restart alike."""


def upload_form(
    name: str,
    subject: str,
    question: str,
    *,
    limit: UploadLimit,
    title: str = "Answer it again",
    index: int = 0,
) -> Form:
    """Ask for a clip that answers a known question, and say how large it may be."""
    form = Form(title, name, subject, index)
    form.add_item(discord.ui.TextDisplay(limit.sentence))
    form.add_item(
        discord.ui.Label(
            text=raw(f"Your clip, up to {limit.size}", MODAL_TEXT_LIMIT),
            description=raw(question, MODAL_HELP_LIMIT),
            component=discord.ui.FileUpload(
                custom_id=CLIP_FIELD, required=True, min_values=1, max_values=1
            ),
        )
    )
    return form


def question_form(name: str, subject: str, index: int = 0) -> Form:
    """Ask which question a known clip answers."""
    form = Form("Analyze clip", name, subject, index)
    form.add_item(
        discord.ui.Label(
            text="Which interview question do you answer?",
            component=discord.ui.TextInput(
                custom_id=QUESTION_FIELD,
                placeholder="Tell me about yourself.",
                min_length=1,
                max_length=QUESTION_MAX,
            ),
        )
    )
    return form


def about_form(name: str, subject: str, index: int, about: str) -> Form:
    """Ask for the job description that an interview is to be about; `about` is there already."""
    form = Form("What is it about?", name, subject, index)
    form.add_item(
        discord.ui.Label(
            text="The role, or the job description",
            description="Chooses questions near to it. Used once, and never kept.",
            component=discord.ui.TextInput(
                custom_id=ABOUT_FIELD,
                style=discord.TextStyle.paragraph,
                default=about or None,
                min_length=1,
                max_length=ABOUT_MAX,
            ),
        )
    )
    return form


def read_form(interaction: discord.Interaction[Any]) -> FormAnswer | None:
    """Read the answer to one of our forms, `None` when the interaction is something else."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data: dict[str, Any] = dict(interaction.data or {})
    match = _FORM_ID.fullmatch(str(data.get("custom_id", "")))
    if match is None:
        return None
    files = data.get("resolved", {}).get("attachments", {})
    texts: dict[str, str] = {}
    attachments: list[discord.Attachment] = []
    for label in data.get("components", []):
        field = label.get("component", {})
        if field.get("type") == discord.ComponentType.file_upload.value:
            attachments += [
                discord.Attachment(data=files[key], state=interaction.client._connection)  # noqa: SLF001 - as discord.py makes them for modals it knows
                for key in field.get("values", [])
                if key in files
            ]
        elif "value" in field:
            texts[str(field.get("custom_id"))] = str(field["value"])
    return FormAnswer(
        match["name"], match["subject"], int(match["index"] or 0), texts, tuple(attachments)
    )
