"""DATA_DIR: that it is the one that was meant, and that no other user can read what lies in it."""

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
    check_data_folder(settings)
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


def check_data_folder(settings: Settings) -> None:
    """Make no folder of a name that was mistyped: what is above DATA_DIR has to be there. Blocks.

    Raises:
        SettingsProblem: it is not.
    """
    folder = settings.data_dir.absolute()
    if folder.parent.is_dir() or folder.exists():
        return
    raise SettingsProblem(
        f"DATA_DIR is {folder}, but there is no folder {folder.parent}. Correct DATA_DIR in .env,"
        f" or make it: mkdir -p {folder.parent}"
    )
