"""The page where browsers differ or fail: devices that go, storage refused, odd addresses."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from demo import SAMPLE_CLIP
from tests.web.static.page import BROWSER, NO_BROWSER, StudioPage
from tests.web.static.standin import StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

STREAMS = """
window.streams = []
const get = MediaDevices.prototype.getUserMedia
MediaDevices.prototype.getUserMedia = async function (wishes) {
    const stream = await get.call(this, wishes)
    window.streams.push(stream)
    return stream
}
"""

UNPLUG = """() => {
    const [camera] = window.streams.at(-1).getVideoTracks()
    camera.stop()
    camera.dispatchEvent(new Event('ended'))
}"""


async def watch_streams(studio: StudioPage) -> None:
    """Remember every stream of a camera that the page is given."""
    await studio.page.add_init_script(f"if (isSecureContext) {{ {STREAMS} }}")


async def test_a_camera_unplugged_while_recording_ends_it_and_says_so(
    studio: StudioPage, server: StandIn
) -> None:
    await watch_streams(studio)
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.recording_for(1)
    await studio.page.evaluate(UNPLUG)
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text("was disconnected")).to_be_visible()
    await expect(studio.button("Send my answer")).to_be_visible()


async def test_a_camera_unplugged_while_checking_is_looked_for_anew(
    studio: StudioPage, server: StandIn
) -> None:
    await watch_streams(studio)
    await studio.open(server.link)
    await studio.turn_on()
    await studio.page.evaluate(UNPLUG)
    await studio.page.wait_for_function("() => window.streams.length === 2")
    await expect(studio.button("All good, continue")).to_be_visible()


async def test_pressing_twice_leaves_no_camera_on(studio: StudioPage, server: StandIn) -> None:
    await watch_streams(studio)
    await studio.open(server.link)
    await studio.at("Let's check your camera and microphone")
    await studio.button("Turn on camera and microphone").dblclick()
    await expect(studio.button("All good, continue")).to_be_visible()
    await studio.to_question()
    await studio.start()
    await studio.record(1)
    await studio.at("How did it go?")
    await studio.button("Record again").click()
    await studio.start(prepare=20)
    await studio.button("I'm ready").dblclick()  # the camera is turned on anew
    await studio.record(1)
    await studio.at("How did it go?")
    live = await studio.page.evaluate(
        "() => streams.filter((one) => one.getTracks().some((t) => t.readyState === 'live')).length"
    )
    assert live == 0
    assert await studio.page.evaluate("() => streams.length") == 2


async def test_a_recording_ends_in_time_though_no_timer_runs(
    studio: StudioPage, server: StandIn
) -> None:
    server.session = {"answer_seconds": 4, "shortest_seconds": 4, "longest_seconds": 4}
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.at("Recording")
    await studio.page.evaluate("() => { for (let id = 1; id < 10000; id += 1) clearInterval(id) }")
    await studio.at("How did it go?")


@pytest.mark.parametrize(
    ("vendor", "first"), [("Apple Computer, Inc.", "video/mp4"), ("Google Inc.", "video/webm")]
)
async def test_safari_records_mp4_and_all_others_webm(
    studio: StudioPage, server: StandIn, vendor: str, first: str
) -> None:
    await studio.page.add_init_script(
        f"""
        Object.defineProperty(Navigator.prototype, 'vendor', {{ get: () => '{vendor}' }})
        if (isSecureContext) MediaRecorder.isTypeSupported = () => true
        """
    )
    await studio.open(server.link)
    await studio.at("Let's check your camera and microphone")
    kind = await studio.page.evaluate(
        "async () => (await import('/studio/static/recording/recorder.js')).recordingType()"
    )
    assert kind.startswith(first)


async def test_storage_that_never_answers_does_not_keep_the_studio_shut(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.page.add_init_script("IDBFactory.prototype.open = () => ({})")
    await studio.chosen(server.link, SAMPLE_CLIP)
    await expect(studio.page.get_by_text("can't keep the recording")).to_be_visible()
    await studio.send()
    await studio.at("Your result")


async def test_of_a_recording_with_a_gap_only_the_beginning_is_offered(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.open(server.link)
    await studio.at("Let's check your camera and microphone")
    size = await studio.page.evaluate(
        """async () => {
            const path = '/studio/static/recording/recording_store.js'
            const { RecordingStore } = await import(path)
            const store = new RecordingStore()
            await store.open('a key')
            await store.begin({ type: 'video/webm', from: 'camera', shared: false })
            for (const index of [0, 1, 3]) await store.addPiece(index, new Blob(['piece']), index)
            return (await store.load()).recording.blob.size
        }"""
    )
    assert size == 2 * len("piece")


@pytest.mark.parametrize("end", ["%E0%A4%A", "%", "\u00fc"])
async def test_an_address_with_odd_signs_gets_a_friendly_page(
    studio: StudioPage, server: StandIn, end: str
) -> None:
    await studio.open(f"{server.address}/studio#{end}")
    await studio.at("Come in through Discord")
    await studio.open(f"{server.link}{end}")  # pasted with something behind it
    await studio.at("Let's check your camera and microphone")


async def test_a_mistake_of_ours_is_admitted(studio: StudioPage, server: StandIn) -> None:
    await studio.open(server.link)
    await studio.at("Let's check your camera and microphone")
    await studio.page.evaluate("() => setTimeout(() => { throw new Error('ours') })")
    await studio.at("Something went wrong on this page")
    assert studio.complaints == ["ours"]
    studio.complaints.clear()


@pytest.mark.parametrize(("status", "code"), [(503, "busy"), (429, "upload_busy")])
async def test_a_server_that_is_busy_is_not_called_a_lost_connection(
    studio: StudioPage, server: StandIn, status: int, code: str
) -> None:
    server.refuses = {"upload": (status, code, "Too many recordings are being sent.")}
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await expect(studio.page.get_by_text("Too many recordings are being sent.")).to_be_visible()
    await expect(studio.page.get_by_text("The connection is lost")).to_have_count(0)
    server.refuses = {}
    await studio.at("Your result")


async def test_without_a_free_stream_the_page_asks(studio: StudioPage, server: StandIn) -> None:
    server.refuses = {"events": (429, "too_many", "Later.")}
    server.shared, server.state = False, "analyzing"
    await studio.open(server.link)
    await studio.at("Your answer is on its way")
    server.state = "delivered"
    await studio.at("Your result")


async def test_who_stopped_it_is_promised_no_allowance(studio: StudioPage, server: StandIn) -> None:
    server.shared, server.state = False, "cancelled"
    await studio.open(server.link)
    await studio.at("Stopped")
    await expect(studio.page.get_by_text("count against your allowance")).to_have_count(0)
