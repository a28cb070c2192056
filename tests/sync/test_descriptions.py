"""A shop's HTML becomes Allegro's without losing a word."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allegro_module.domain.description_markup import markup_problem
from allegro_module.sync.descriptions import to_allegro_html

WORDS = st.text(st.sampled_from("abzżó&<>\"'{}1;#"), min_size=1, max_size=6)
INLINE = ("b", "strong", "i", "em", "u", "span", "font", "a", "small", "sup", "label", "mark")
BOXES = ("div", "p", "section", "blockquote", "h1", "h2", "h3", "h6", "center", "address", "dl", "pre")
ATTRIBUTES = st.sampled_from(["", ' class="x y"', ' style="color:red"', ' data-a="&quot;>"', " hidden"])
#: What no browser shows.
UNSEEN = st.sampled_from(
    [
        "<script>var a = '<p>raz</p>';</script>",
        "<style>p > b {color: red}</style>",
        "<!-- ukryte <b>słowo</b> -->",
        "<noscript><img src='x.jpg' alt='obraz'></noscript>",
        "<iframe src='//x'>zapas</iframe>",
        "<template><p>wzór</p></template>",
        "<img src='a.jpg' alt='opis'>",
        "<input value='wartość'>",
    ]
)


@st.composite
def words(draw: st.DrawFn) -> tuple[str, str]:
    """HTML, and the same as it is seen: blocks begin and end with a line."""
    texts = draw(st.lists(WORDS, min_size=1, max_size=3))
    written = [escape(text) if draw(st.booleans()) else _numbered(text) for text in texts]
    gap = draw(st.sampled_from([" ", "\n", "&nbsp;", " \t "]))
    return gap.join(written), " ".join(texts)


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(sign)};" if sign in "&<>\"'ż" else sign for sign in text)


def wrapped(
    tags: tuple[str, ...], inner: st.SearchStrategy[tuple[str, str]], edge: str
) -> st.SearchStrategy[tuple[str, str]]:
    return st.builds(
        lambda tag, attrs, part: (f"<{tag}{attrs}>{part[0]}</{tag}>", f"{edge}{part[1]}{edge}"),
        st.sampled_from(tags),
        ATTRIBUTES,
        inner,
    )


def joined(parts: st.SearchStrategy[tuple[str, str]], most: int = 4) -> st.SearchStrategy[tuple[str, str]]:
    return st.lists(parts, max_size=most).map(
        lambda found: ("".join(each[0] for each in found), "".join(each[1] for each in found))
    )


NOTHING = UNSEEN.map(lambda html: (html, ""))
BREAK = st.sampled_from([("<br>", "\n"), ("<hr>", "\n"), ("<br/>", "\n")])
#: Phrases hold no blocks and no phrases of their own kind: how browsers mend those is not at stake here.
PHRASE = words() | wrapped(INLINE, words() | NOTHING, "") | NOTHING
LINE = joined(PHRASE)


def table(cell: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    cells = wrapped(("td", "th"), cell, "\n")
    rows = wrapped(("tr",), joined(cells, 3), "\n")
    return wrapped(("table",), wrapped(("tbody", "thead"), joined(rows, 3), "\n"), "\n")


def lists(item: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    return wrapped(("ul", "ol"), joined(wrapped(("li",), item, "\n"), 3), "\n")


def boxes(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    some = joined(inner, 3)
    return some | wrapped(("div", "section", "blockquote", "center"), some, "\n") | lists(some) | table(some)


FLOW = st.recursive(wrapped(BOXES, LINE, "\n") | LINE | BREAK, boxes, max_leaves=8)


PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "</li>", "</ul>", "<h1>", "</h1>", "<h3>", "<table>"),
    *("<td>", "<tr>", "</table>", "<", ">", "&", "&amp;", "&nbsp;", "a", " b ", "<a href=x>", "</a>"),
    *("<script>", "</script>", "<!--", "-->", "<textarea>", "</textarea>", "<svg>", "<title>", "\0", "\n"),
]


def seen(html: str) -> list[str]:
    """The words of converted HTML; the dash between cells is ours."""
    return unescape(re.sub(r"<[^>]+>", lambda tag: "" if "b>" in tag[0] else "\n", html)).split()


def without_dashes(found: list[str]) -> list[str]:
    return [word for word in found if word != "–"]


@settings(max_examples=120, deadline=None)
@given(FLOW)
@example(("<table><tr><td>a</td><td></td><td>b</td></tr></table>", "a\nb"))
@example(("<b>a<strong>b</strong>c</b>", "abc"))
@example(("<p>&lt;b&gt; &amp;amp; 3 &lt; 5</p>", "<b> &amp; 3 < 5"))
def test_no_word_is_lost_and_what_comes_out_is_always_allowed(source: tuple[str, str]) -> None:
    html, words_in_order = source
    made = to_allegro_html(html)

    assert without_dashes(seen(made)) == words_in_order.split()
    assert markup_problem(made, "") is None
    assert to_allegro_html(made) == made


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=25,
    ).map("".join)
)
def test_broken_html_is_mended_into_what_is_allowed(html: str) -> None:
    made = to_allegro_html(html)

    assert markup_problem(made, "") is None
    assert to_allegro_html(made) == made


@pytest.mark.parametrize(
    ("html", "made"),
    [
        (
            "<table><tr><th>Materiał</th><td>srebro</td></tr><tr><td>Próba</td><td></td></tr></table>",
            "<p>Materiał – srebro</p><p>Próba</p>",
        ),
        ("<ul><li>a<ol><li>b</li></ol></li></ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<h3>Pielęgnacja <em>lnu</em></h3>prać w 40°", "<h2>Pielęgnacja lnu</h2><p>prać w 40°</p>"),
        ("a<br>b<script>alert(1)</script>", "<p>a</p><p>b</p>"),
        ("<noscript><img src=x></noscript><p>c</p>", "<p>c</p>"),
        ("<select><option>S</option><option>M</option></select>", "<p>S</p><p>M</p>"),
        ("<p><b>Len <strong>bielony</strong> naturalny</b></p>", "<p><b>Len bielony naturalny</b></p>"),
    ],
)
def test_conversion(html: str, made: str) -> None:
    assert to_allegro_html(html) == made
