"""docs/commands.md is what the command tree says."""

from __future__ import annotations

from tools.command_docs import TARGET, render


async def test_the_page_is_up_to_date() -> None:
    assert TARGET.read_text() == await render(), "run `make docs`"


async def test_every_option_is_described() -> None:
    page = await render()
    assert "…" not in page
    for name in ("/analyze", "/history", "Analyze clip", "`clip`", "`question`", "`share`"):
        assert name in page
