"""Our reading of the grammar of descriptions and the simulator's were written apart: they must agree."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from allegro_module.domain.description_markup import markup_problem
from allegro_module.simulator.markup import markup_fault

PIECES = st.sampled_from(
    [
        *(
            f"<{tag}>"
            for tag in ("h1", "h2", "p", "ul", "ol", "li", "b", "div", "P", "br/", "p ", "p class='x'")
        ),
        *(f"</{tag}>" for tag in ("h1", "h2", "p", "ul", "ol", "li", "b", "div", "P", "p ")),
        *("słowa", " ", "\n", "&", "&amp;", "&#243;", "<", ">", "5 > 4", "<!-- a -->", "<!x>", "<?x>"),
        *(
            "www.sklep.pl",
            "a@example.com",
            "<p>len</p>",
            "<ul><li>len</li></ul>",
            "<h1>len</h1>",
            "<b>len</b>",
        ),
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example("<p>len</P>")
@example("<p>len</p >")
@example("<p>a<b>b</b></p><ul>\n<li><b>c</b></li></ul>")
def test_our_reading_of_a_text_and_the_simulators_agree(content: str) -> None:
    assert (markup_problem(content, "section") is None) == (markup_fault(content) is None)
