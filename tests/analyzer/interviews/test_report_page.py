"""The report as a page: complete in itself, hostile texts in it, on a phone, and on paper."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from axe_playwright_python.async_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.async_api import async_playwright

from analyzer.interviews.course import Course
from analyzer.interviews.markup import style, tag, visible
from analyzer.interviews.report_page import POLICY, report_page
from core.assessment import (
    BetterWording,
    Filler,
    KeyPoint,
    Metric,
    PartName,
    Pause,
    Sentence,
)
from core.interviews import InterviewQuestion
from core.models import Attempt
from core.questions import AnswerKind
from tests.analyzer.interviews.answered import ANSWERS, failed, interview, result, scores, story
from tests.cogs.ui.samples import BOUNDED, delivery
from tests.web.static.page import BROWSER, NO_BROWSER, PHONE, QUIET

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style></details><img src=https://evil.example/x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "<!--", "-->", "<![CDATA[", "]]>", "&lt;b&gt;", "&#60;script&#62;", "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>", "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example>", "@import url(https://evil.example);",
    "\x00", "\x1b", "\u202e", "\u2066", "\ufeff", "\u2028", "מילים", "a" * 300,
    "\u0301" * 40, "👩\u200d👩\u200d👧",
)  # fmt: skip

ANY = (
    st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), min_size=1, max_size=4)
    .map(lambda parts: "".join(parts)[:300])
    .filter(lambda text: bool(visible(text).strip()))
)

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section",
    "article", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "div", "span", "bdi", "a", "q",
    "blockquote", "strong", "details", "summary", "svg", "desc", "line", "circle", "rect", "text",
}  # fmt: skip

ATTRIBUTES = {
    "charset", "http-equiv", "content", "name", "lang", "dir", "class", "id", "href",
    "aria-hidden", "aria-labelledby", "role", "viewbox", "preserveaspectratio", "x", "y", "x1",
    "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height",
}  # fmt: skip


class Read(HTMLParser):
    """What a browser would find on a page: elements, attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.policies: list[str | None] = []
        self.other: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)


def hostile_result(text: str) -> Attempt:
    """A result in which every text of a model, a member or a recogniser is this one."""
    found = result(
        scores(clarity=3),
        strength=text,
        next_step=text,
        strength_at=1.0,
        key_points=(KeyPoint(text=text, at_seconds=2.0),),
        not_heard=(text,),
        parts=story(PartName.RESULT),
        better=BetterWording(quote=text, better=text),
        looks_for=text,
        notes=(text,),
        language=text,
        judge=text,
        delivery=delivery(fillers=(Filler(text=text, at_seconds=1.0),)),
        transcript=(Sentence(text=text, start=0.0, end=4.0),),
    )
    return found.model_copy(update={"question": text})


def page_of(*answers: Attempt | str | None) -> str:
    return report_page(Course(*interview(answers)))


@settings(BOUNDED, max_examples=30)
@given(ANY)
def test_a_text_from_outside_is_nothing_but_text(text: str) -> None:
    read = Read(page_of(hostile_result(text), hostile_result(text)))
    assert {name for name, _ in read.found} <= TAGS
    for _, attributes in read.found:
        assert set(attributes) <= ATTRIBUTES
        assert re.fullmatch(r"#answer-\d+", attributes.get("href") or "#answer-0")
        assert re.fullmatch(r"[a-z]{2,3}", attributes.get("lang") or "en")
    assert not read.other
    policies = [a["content"] for _, a in read.found if a.get("http-equiv")]
    assert policies == [POLICY]
    shown = "".join(read.texts)
    assert shown.count(visible(text)) >= 16  # eight places in each of two answers


@settings(BOUNDED, max_examples=15)
@given(st.lists(ANSWERS, min_size=1, max_size=5))
def test_there_is_a_page_whatever_came_of_the_answers(answers: list[Attempt | str | None]) -> None:
    page = page_of(*answers)
    assert page.count("<article") == len(answers)
    assert page.endswith("</html>\n")


def test_the_page_tells_what_is_there_and_what_is_not() -> None:
    said = (
        Sentence(text="We had, um, four weeks.", start=0.0, end=4.0),
        Sentence(text="So I asked both teams.", start=4.0, end=8.0),
    )
    spoken = delivery(pauses=(Pause(start=3.0, seconds=1.4),), longest_pause_seconds=1.4)
    one = result(
        scores(voice_tone=4),
        strength="You named what you did.",
        strength_at=5.0,
        parts=story(PartName.RESULT),
        key_points=(KeyPoint(text="Asked both teams", at_seconds=4.5),),
        transcript=said,
        language="fr",
        delivery=spoken,
        metrics_off=frozenset({Metric.EYE_CONTACT}),
    )
    page = page_of(one, one, failed(), "left out")
    read = Read(page)
    shown = " ".join("".join(read.texts).split())
    for words in (
        "This is about 2 of 4 questions: 1 left out, 1 without a result.",
        "What ran through your answers",
        "“Result” was not heard in 2 of 2 answers",
        "“So I asked both teams.”",  # what is heard at the best moment
        "Question 1 at 0:05",
        "Asked both teams 0:04",
        "Result: not heard",
        "1 pause over 1 s: 1.4 s at 0:03",
        "0:04 So I asked both teams.",
        "Your clip is too short. Record more.",
        "Left out.",
        "AI estimate for practice. Not a hiring assessment.",
    ):
        assert words in shown, words
    assert any(name == "div" and a.get("lang") == "fr" for name, a in read.found)
    drawn = [a["aria-labelledby"] for name, a in read.found if a.get("role") == "img"]
    ids = {a.get("id") for _, a in read.found}
    assert drawn
    assert {name for labels in drawn for name in (labels or "").split()} <= ids


def test_a_follow_up_is_not_told_what_its_answer_was_never_to_have() -> None:
    whole, attempts = interview([result(parts=story(PartName.TASK), not_heard=("The task",))])
    [asked] = whole.questions
    extra = next(iter(attempts.values())).model_copy(update={"id": "e" * 16})
    follow_up = InterviewQuestion(
        position=1,
        text="What was yours?",
        kind=AnswerKind.BEHAVIOURAL,
        follows=0,
        attempt_id=extra.id,
    )
    whole = whole.model_copy(update={"questions": (asked, follow_up)})
    page = report_page(Course(whole, attempts | {extra.id: extra}))
    first, second = page.split("<article")[1:]
    assert "Task: not heard" in first
    assert "The task" in first
    assert "not heard" not in second
    assert "Situation: heard" in second


def test_limits_that_every_result_has_are_told_once() -> None:
    notes = ("English was assumed.",)
    page = page_of(result(notes=notes), result(notes=(*notes, "It was dark.")))
    assert page.count("English was assumed.") == 1
    assert page.count("It was dark.") == 1


def test_nothing_that_runs_or_loads_can_be_built() -> None:
    for name in ("script", "iframe", "link", "base"):
        with pytest.raises(ValueError, match=name):
            tag(name)
    with pytest.raises(ValueError, match="<"):
        style("</style><script>")


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
async def test_a_browser_shows_it_on_a_phone_and_prints_all_of_it() -> None:
    hostile = "".join(HOSTILE)[:300]
    page_text = page_of(hostile_result(hostile), hostile_result(hostile), failed())
    asked: list[str] = []
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=QUIET)
        tab = await browser.new_page(viewport=PHONE, color_scheme="dark")  # type: ignore[arg-type]
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda said: complaints.append(said.text))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        await tab.set_content(page_text)
        assert await tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        grave = [each["id"] for each in (await Axe().run(tab)).response["violations"]]
        words = tab.locator(".transcript").first
        folded = await words.is_visible()
        await tab.emulate_media(media="print", color_scheme="dark")
        printed = await words.is_visible()
        paper = await tab.evaluate(
            "[document.body, document.querySelector('.card')]"
            ".map(each => getComputedStyle(each).backgroundColor)"
        )
        await browser.close()
    assert (asked, complaints, grave) == ([], [], [])
    assert (folded, printed) == (False, True)
    assert paper == ["rgb(255, 255, 255)"] * 2
