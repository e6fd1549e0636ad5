"""The panels behind `/settings` and `/metrics`: what is set in words, and menus that change it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import discord

from analyzer.policy import Policy
from analyzer.scoring.languages import language_of
from analyzer.scoring.rubric import METRIC_NAMES, RUBRIC
from cogs.ui.buttons import view_of
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.menus import panel_id
from cogs.ui.modals import Form
from cogs.ui.text import CHOICES_LIMIT, MODAL_TEXT_LIMIT, SELECT_TEXT_LIMIT, raw
from core.assessment import Metric
from core.models import MemberSettings, ServerSettings

SHARE, PRIVATE, BOARD_ON, BOARD_OFF = "share", "private", "boardon", "boardoff"
CHANNELS, ROLES, METRICS, LIMITS = "channels", "roles", "metrics", "limits"
RESET, RESET_YES, RESET_NO, MINE = "reset", "resetyes", "resetno", "mine"
ALL = "all"
"""The names of buttons and menus. They are in the custom ids of panels already sent: keep them."""

ATTEMPTS_FIELD, DAYS_FIELD = "attempts", "days"
"""The fields of the form for limits."""

_FIRST = ("New results", "Where members practise", "Who practises")
MENTIONS_SHOWN = 10
_WEIGHT = 10
_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]
"""Discord's description of its API knows no media channels here, and would refuse the panel."""


def settings_embed(
    settings: ServerSettings, policy: Policy, *, changed: str = "", details: bool = False
) -> discord.Embed:
    """What a server has set, in words: what matters most, or all with `details`.

    `changed` says in one line of ours what has just been changed: nobody else's text is in it.
    """
    card = FittedEmbed("Greenroom in this server", WORKING)
    card.say(changed, weight=_WEIGHT)
    shown = {
        "New results": (
            "Shown to everyone in the channel, unless a member chooses `share: False`."
            if settings.share_by_default
            else "Private, unless a member chooses to share."
        ),
        "Where members practise": (
            f"In {mentions(settings.channels, '#')} and threads there."
            if settings.channels
            else "In every channel."
        ),
        "Who practises": (
            f"Members with {mentions(settings.roles, '@&')}, and whoever has Manage Server."
            if settings.roles
            else "Everybody."
        ),
        "Attempts a day for each member": _limited(
            settings.daily_attempts, policy.most_daily_attempts
        ),
        "Days that attempts are kept": _limited(
            settings.retention_days, policy.longest_retention.days
        ),
        "Practice board": "On." if settings.board else "Off.",
        "Metrics switched off for everyone": titles(settings.metrics_off) or "None.",
    }
    for name in shown if details else _FIRST:
        card.field(name, [shown[name]], weight=_WEIGHT)
    if not details:
        card.say("`All settings` shows the limits, the board and the metrics, too.", weight=_WEIGHT)
    return card.build()


def settings_view(settings: ServerSettings) -> discord.ui.View:
    """The panel's menus and buttons."""
    shared = settings.share_by_default
    sharing = (PRIVATE, "Private by default") if shared else (SHARE, "Share by default")
    board = (BOARD_OFF, "Switch board off") if settings.board else (BOARD_ON, "Switch board on")
    return view_of(
        _channel_menu(settings),
        _role_menu(settings),
        _metric_menu(METRICS, settings.metrics_off, len(Metric) - 1, "for everyone"),
        _button(*sharing),
        _button(LIMITS, "Limits…"),
        _button(*board),
        _button(ALL, "All settings"),
        _button(RESET, "Reset", discord.ButtonStyle.danger),
    )


def reset_view() -> discord.ui.View:
    """Asks before everything goes back to the defaults."""
    return view_of(
        _button(RESET_YES, "Yes, reset everything", discord.ButtonStyle.danger),
        _button(RESET_NO, "Keep the settings"),
    )


def limits_form(settings: ServerSettings, policy: Policy, subject: str) -> Form:
    """Ask for the two numbers; an empty one means the operator's limit."""
    form = Form("Limits in this server", LIMITS, subject)
    for field, name, chosen, most, about in (
        (
            ATTEMPTS_FIELD,
            "Attempts a day for each member",
            settings.daily_attempts,
            policy.most_daily_attempts,
            "",
        ),
        (
            DAYS_FIELD,
            "Days that attempts are kept",
            settings.retention_days,
            policy.longest_retention.days,
            " Older ones are deleted within the hour.",
        ),
    ):
        form.add_item(
            discord.ui.Label(
                text=raw(name, MODAL_TEXT_LIMIT),
                description=f"1 to {most}; empty means {most}.{about}",
                component=discord.ui.TextInput(
                    custom_id=field,
                    required=False,
                    max_length=6,
                    default=str(chosen) if chosen else None,
                ),
            )
        )
    return form


def metrics_embed(
    mine: MemberSettings, server: ServerSettings, *, changed: str = ""
) -> discord.Embed:
    """What a member has switched off for themselves, and what the server has for everyone."""
    card = FittedEmbed("Your metrics here", WORKING).say(changed, weight=_WEIGHT)
    card.say(
        "A metric you switch off is not scored, not shown and counts in no total, from your next "
        "attempt on. Nobody is told.",
        weight=_WEIGHT,
    )
    card.field("Switched off by you", [titles(mine.metrics_off) or "None."], weight=_WEIGHT)
    if server.metrics_off:
        card.field(
            "Switched off for everyone in this server", [titles(server.metrics_off)], weight=_WEIGHT
        )
    return card.build()


def metrics_view(mine: MemberSettings) -> discord.ui.View:
    """The member's own menu."""
    return view_of(_metric_menu(MINE, mine.metrics_off, len(Metric), "for you"))


def language_embed(code: str | None) -> discord.Embed:
    """Which language a member has set, and what that changes."""
    card = FittedEmbed("Your language here", WORKING)
    if code is None:
        card.say(
            "None is set: your language is found out for each clip, where this bot can hear "
            "more than English.",
            weight=_WEIGHT,
        )
        return card.build()
    language = language_of(code)
    card.say(f"Your clips are heard as **{language.name}** from the next one on.", weight=_WEIGHT)
    if not language.has_pace_band:
        card.say(
            "Your pace is measured and not scored: the practice band was made for English.",
            weight=_WEIGHT,
        )
    card.say("`/language detect:True` finds it out for each clip again.", weight=_WEIGHT)
    return card.build()


def titles(metrics: Iterable[Metric]) -> str:
    """The metrics by the names that results show, in the order of results."""
    chosen = frozenset(metrics)
    return ", ".join(METRIC_NAMES[metric] for metric in Metric if metric in chosen)


def mentions(ids: Iterable[int], kind: Literal["#", "@&"]) -> str:
    """Channels or roles as Discord shows them, by their names; in an embed nobody is pinged."""
    every = [f"<{kind}{number}>" for number in sorted(ids)]
    more = f" and {len(every) - MENTIONS_SHOWN} more" if len(every) > MENTIONS_SHOWN else ""
    return ", ".join(every[:MENTIONS_SHOWN]) + more


def _limited(chosen: int | None, most: int) -> str:
    if chosen is None or chosen >= most:
        return f"{most}, which is the most this bot's operator allows."
    return f"{chosen} (the most this bot's operator allows is {most})."


def _button(
    name: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, style=style, custom_id=panel_id(name))


def _channel_menu(settings: ServerSettings) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=panel_id(CHANNELS),
        channel_types=_CHANNEL_TYPES,
        placeholder="Where members practise: every channel",
        min_values=0,
        max_values=CHOICES_LIMIT,
        default_values=_defaults(settings.channels, discord.SelectDefaultValueType.channel),
    )


def _role_menu(settings: ServerSettings) -> discord.ui.RoleSelect[Any]:
    return discord.ui.RoleSelect(
        custom_id=panel_id(ROLES),
        placeholder="Who practises: everybody",
        min_values=0,
        max_values=CHOICES_LIMIT,
        default_values=_defaults(settings.roles, discord.SelectDefaultValueType.role),
    )


def _defaults(
    ids: Iterable[int], kind: discord.SelectDefaultValueType
) -> list[discord.SelectDefaultValue]:
    return [
        discord.SelectDefaultValue(id=number, type=kind) for number in sorted(ids)[:CHOICES_LIMIT]
    ]


def _metric_menu(name: str, off: frozenset[Metric], most: int, whom: str) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=panel_id(name),
        placeholder=f"Metrics switched off {whom}: none",
        min_values=0,
        max_values=most,
        options=[
            discord.SelectOption(
                label=METRIC_NAMES[metric],
                value=metric.value,
                description=raw(RUBRIC[metric].observable, SELECT_TEXT_LIMIT),
                default=metric in off,
            )
            for metric in Metric
        ],
    )
