"""Keeps what lies in DATA_DIR from other users of this machine, whoever has made it."""

from __future__ import annotations

import contextlib
import logging

from core.errors import SettingsProblem
from core.private_files import make_private
from core.settings import Settings
from storage.engine.connections import checked, files_of, sqlite_file

log = logging.getLogger(__name__)


def close_to_others(settings: Settings) -> None:
    """Take from other users of this machine what an older version, or anybody, has left open."""
    database = None
    with contextlib.suppress(SettingsProblem):  # whoever opens it tells
        database = sqlite_file(checked(settings.sqlalchemy_url))
    repair = make_private(
        settings.data_dir,
        trees=(settings.clips_dir, settings.uploads_dir, *settings.clip_store_folders()),
        files=() if database is None else files_of(database),
    )
    if repair.made_private:
        log.info("%d files and folders that others could read are private now", repair.made_private)
    if repair.left:
        log.warning(
            "others can read or list %s%s, which is shared or somebody else's: see \"Who can read"
            ' the data" in docs/operating.md',
            repair.left[0],
            f" and {len(repair.left) - 1} more" if len(repair.left) > 1 else "",
        )
