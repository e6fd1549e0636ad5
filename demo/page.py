"""What SimCord's page lacks for the demo: it opens at the top of the first result, and follows.

SimCord has no setting for it, so a few lines go behind its own script that lays messages out.
Where a SimCord of another version has none of that name, the page stays as SimCord makes it.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from simcord.preview._server import PreviewServer

_SCRIPT = "/timeline.js"

_FOLLOW = """
{
  // Greenroom's demo: begin at the top of the first message, then go to each new one's top.
  const box = document.getElementById("channel-timeline");
  const list = document.getElementById("channel-message-list");
  const known = new Set();
  let showing = 0;
  const look = () => {
    const nodes = [...list.querySelectorAll("[data-message-id]")];
    const fresh = nodes.filter((node) => !known.has(node.dataset.messageId));
    if (!fresh.length || box.clientHeight === 0) return;
    const target = known.size === 0 ? nodes[0] : fresh[fresh.length - 1];
    for (const node of nodes) known.add(node.dataset.messageId);
    const until = performance.now() + 2500; // SimCord scrolls, too, until all has its height
    clearInterval(showing);
    showing = setInterval(() => {
      box.scrollTop += target.getBoundingClientRect().top - box.getBoundingClientRect().top;
      if (performance.now() > until) clearInterval(showing);
    }, 100);
  };
  const stop = () => clearInterval(showing);
  for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"])
    document.addEventListener(kind, stop, { passive: true });
  if (box && list) {
    new MutationObserver(look).observe(list, { childList: true });
    new ResizeObserver(look).observe(box);
  }
}
"""


class FollowingServer(PreviewServer):
    """SimCord's server, with those lines."""

    async def _static(self, request: Any) -> Any:
        answer = await super()._static(request)
        if request.path == _SCRIPT and isinstance(answer, web.Response) and answer.text:
            answer.text += _FOLLOW
        return answer
