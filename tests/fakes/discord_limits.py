"""Discord's documented limits and enumerations, as facts with their source; no code.

Sources, read in November 2026:
- [components] discord.com/developers/docs/components/reference
- [message] discord.com/developers/docs/resources/message (create, edit, embed limits)
- [commands] discord.com/developers/docs/interactions/application-commands
- [callbacks] discord.com/developers/docs/interactions/receiving-and-responding
- [openapi] github.com/discord/discord-api-spec, specs/openapi.json: Discord's own description,
  which is stricter than the pages in one place that matters: the channel types of a select
"""

from __future__ import annotations

import re

CONTENT = 2000  # [message]
EMBEDS = 10
EMBEDS_TOTAL = 6000  # characters of all embeds of a message together
EMBED_TEXTS = {
    ("title",): 256,
    ("description",): 4096,
    ("footer", "text"): 2048,
    ("author", "name"): 256,
}
EMBED_FIELDS = 25
FIELD_TEXTS = {"name": 256, "value": 1024}
ATTACHMENTS = 10
ALT_TEXT = 1024  # an attachment's description
NONCE = 25
COMPONENTS_V2 = 1 << 15  # the flag; without it only the components below are taken

ROWS = 5  # [components] of a message without Components V2
IN_ROW = 5  # buttons; a select is alone in its row
ALL_COMPONENTS = 40  # with Components V2, counting nested ones
ALL_TEXT = 4000  # of all text displays together
CUSTOM_ID = 100

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
TEXT_DISPLAY, LABEL, FILE_UPLOAD = 10, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = {STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT}
V2_ONLY = {9, TEXT_DISPLAY, 11, 12, 13, 14, 17}  # section … container
IN_MESSAGES = {ROW, BUTTON} | SELECTS
IN_LABELS = {TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX} | SELECTS
IN_MODALS = {ROW, TEXT_DISPLAY, LABEL}

BUTTON_LABEL = 80
BUTTON_URL = 512
BUTTON_STYLES = {1, 2, 3, 4, 5, 6}
LINK, PREMIUM = 5, 6

PLACEHOLDER = {TEXT_INPUT: 100} | dict.fromkeys(SELECTS, 150)
OPTIONS = {STRING_SELECT: 25, RADIO_GROUP: 10, CHECKBOX_GROUP: 10}  # the most
LEAST_OPTIONS = {STRING_SELECT: 1, RADIO_GROUP: 2, CHECKBOX_GROUP: 1}
OPTION_TEXTS = {"label": 100, "value": 100, "description": 100}
MOST_VALUES = {FILE_UPLOAD: 10, CHECKBOX_GROUP: 10} | dict.fromkeys(SELECTS, 25)
DEFAULT_VALUE_TYPES = {
    USER_SELECT: {"user"},
    ROLE_SELECT: {"role"},
    MENTIONABLE_SELECT: {"user", "role"},
    CHANNEL_SELECT: {"channel"},
}
CHANNEL_TYPES = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15}
"""[openapi] ChannelTypes. The pages also know 16, a media channel; the description does not."""

MODAL_TITLE = 45  # [callbacks]
MODAL_ITEMS = 5
LABEL_TEXTS = {"label": 45, "description": 100}  # [components]
TEXT_INPUT_STYLES = {1, 2}
TEXT_INPUT_LENGTH = 4000

CHOICES = 25  # [callbacks] of an autocomplete, and [commands] of an option
CHOICE_TEXT = 100

COMMAND_NAME = re.compile(r"^[-_'\w]{1,32}$")  # [commands] lower case where a script has cases
COMMAND_TEXT = 32  # the name of a context menu
COMMAND_DESCRIPTION = 100
COMMAND_OPTIONS = 25
COMMAND_CHARACTERS = 8000  # names, descriptions and values of one command
CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
COMMANDS_OF_TYPE = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}  # global ones
SUB_COMMAND, SUB_COMMAND_GROUP, CHANNEL_OPTION = 1, 2, 7
OPTION_TYPES = set(range(1, 12))
WITH_CHOICES = {3, 4, 10}  # string, integer, number
WITH_RANGE, WITH_LENGTH = {4, 10}, {3}
OPTION_LENGTH = 6000
CONTEXTS = {0, 1, 2}
INSTALLS = {0, 1}
