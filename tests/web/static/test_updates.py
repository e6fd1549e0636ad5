"""A browser that was open, or has kept something, while the page on the server was updated."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import pytest
from playwright.async_api import Page, expect

from demo import SAMPLE_CLIP
from tests.web.static.page import BROWSER, NO_BROWSER, StudioPage
from tests.web.static.standin import TOKEN, StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

KEY = hashlib.sha256(f"greenroom-studio:{TOKEN}".encode()).hexdigest()
"""Under which name a browser keeps what belongs to the link."""

# What the page of version 0.1.0 stores, field by field. It must not be derived from today's code.
KEEP = """async ([key, encoded, begun]) => {
    const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0))
    const opening = indexedDB.open('greenroom-studio', 1)
    const database = await new Promise((resolve, reject) => {
        opening.onupgradeneeded = () => {
            opening.result.createObjectStore('recordings', { keyPath: 'key' })
            opening.result.createObjectStore('pieces', { keyPath: ['key', 'index'] })
        }
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
    })
    const transaction = database.transaction(['recordings', 'pieces'], 'readwrite')
    transaction.objectStore('recordings').put({
        key, type: 'video/mp4', seconds: 27, from: 'camera', begun, sent: false, shared: true,
        at: Date.now(),
    })
    const half = bytes.length >> 1
    const pieces = transaction.objectStore('pieces')
    pieces.put({ key, index: 0, blob: new Blob([bytes.subarray(0, half)]) })
    pieces.put({ key, index: 1, blob: new Blob([bytes.subarray(half)]) })
    await new Promise((resolve) => { transaction.oncomplete = resolve })
    database.close()
}"""

HOLD_LOCK = """(key) => {
    window.takenOver = false
    navigator.locks
        .request(`greenroom-studio-${key}`, { steal: true }, () => new Promise(() => {}))
        .catch(() => { window.takenOver = true })
}"""

CHOOSE_MICROPHONE = """async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    for (const track of stream.getTracks()) track.stop()
    const devices = await navigator.mediaDevices.enumerateDevices()
    const { deviceId } = devices.find(({ label }) => label === 'Fake Audio Input 2')
    const chosen = { camera: '', microphone: deviceId }
    sessionStorage.setItem('greenroom-devices', JSON.stringify(chosen))
}"""


async def go_there(page: Page, server: StandIn) -> None:
    """Be at the studio's address without running any of its scripts."""
    await page.goto(f"{server.address}/studio/static/icon.svg")


@pytest.mark.parametrize("begun", [False, True], ids=["unsent", "half sent"])
async def test_a_recording_from_before_an_update_is_found_and_sent(
    studio: StudioPage, server: StandIn, begun: bool
) -> None:
    clip = await asyncio.to_thread(SAMPLE_CLIP.read_bytes)
    await go_there(studio.page, server)
    await studio.page.evaluate(KEEP, [KEY, base64.b64encode(clip).decode(), begun])
    if begun:
        server.received, server.size, server.kind = bytearray(clip[:1000]), len(clip), "video/mp4"
    await studio.open(server.link)
    await studio.at("Welcome back, your recording is still here")
    await expect(studio.page.get_by_label("Share the result")).to_be_checked()
    await studio.button("Go on sending" if begun else "Send my answer").click()
    await studio.at("Your result")
    assert server.recording == clip
    assert (server.kind, server.shared, server.begun) == ("video/mp4", True, 0 if begun else 1)


async def test_a_tab_from_before_an_update_is_left_alone(
    studio: StudioPage, server: StandIn
) -> None:
    older = await studio.page.context.new_page()
    await go_there(older, server)
    await older.evaluate(HOLD_LOCK, KEY)
    await studio.open(server.link)
    await studio.at("The studio is open in another tab")
    assert not await older.evaluate("() => window.takenOver")


async def test_the_microphone_chosen_before_an_update_is_chosen_still(
    studio: StudioPage, server: StandIn
) -> None:
    await go_there(studio.page, server)
    await studio.page.evaluate(CHOOSE_MICROPHONE)
    await studio.page.goto(server.link)
    await studio.turn_on()
    microphones = studio.page.get_by_role("combobox", name="Microphone")
    await expect(microphones.locator("option:checked")).to_have_text("Fake Audio Input 2")
