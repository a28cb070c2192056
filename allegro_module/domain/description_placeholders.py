"""Placeholders of description templates: which there are, and what a product makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from allegro_module.domain.description_markup import words_as_markup
from allegro_module.domain.description_sections import Image, Item, Section, Text, section_problems
from allegro_module.domain.listing import IMAGES_MAX
from allegro_module.domain.problems import Problem

#: Words within a line.
WORDS = ("name", "brand", "sku", "ean", "mpn", "price", "category", "weight")
ATTRIBUTE = "attribute:"
#: Whole blocks, which stand in a paragraph of their own.
DESCRIPTION = "description"
ATTRIBUTES = "attributes"
BLOCKS = (DESCRIPTION, ATTRIBUTES)
PICTURES = tuple(f"image_{number}" for number in range(1, IMAGES_MAX + 1))
PLACEHOLDER = re.compile(r"\{([^{}<>]*)\}")
PICTURE_REF = re.compile(r"\{(image_\d+)\}")
LINE = re.compile(r"<(h1|h2|p|li)>(.*?)</\1>", re.DOTALL)
EMPTY_BOLD = re.compile(r"<b>\s*</b>")
#: Where a line was left out, and before a heading that is words alone; no text holds these signs.
GAP, PLAIN_HEADING = "\0", "\1"
EMPTY_LIST = re.compile(rf"<(ul|ol)>[\s{GAP}]*</\1>")
HEADING_OF_NOTHING = re.compile(
    rf"{PLAIN_HEADING}<(h[12])>(?:(?!</h[12]>).)*</\1>\s*(?:{GAP}\s*)+(?={PLAIN_HEADING}?<h[12]>|\Z)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Values:
    """What a product and its offer say; `texts` by the names in WORDS, `description` in Allegro's grammar."""

    texts: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    #: Refs of the pictures, the first is `{image_1}`.
    images: Sequence[str] = ()


def template_problems(sections: Sequence[Section]) -> list[Problem]:
    """All that keeps the sections from being a template, at `sections.0.items.1`."""
    if not sections:
        return [Problem("sections_required", "sections")]
    return [*section_problems(sections), *_placeholder_problems(sections)]


def has_description(sections: Sequence[Section]) -> bool:
    """Does the product's own description stand in it?"""
    texts = (item.content for section in sections for item in section.items if isinstance(item, Text))
    return any(DESCRIPTION in names_in(content) for content in texts)


def names_in(content: str) -> list[str]:
    return [_name(found) for found in PLACEHOLDER.findall(content)]


def _name(written: str) -> str:
    return " ".join(unescape(written).split())


def _placeholder_problems(sections: Sequence[Section]) -> Iterator[Problem]:
    for number, section in enumerate(sections):
        for place, item in enumerate(section.items):
            yield from _problems_of_item(item, f"sections.{number}.items.{place}")


def _problems_of_item(item: Item, where: str) -> Iterator[Problem]:
    if isinstance(item, Image):
        found = PICTURE_REF.fullmatch(item.ref)
        if "{" in item.ref and (found is None or found[1] not in PICTURES):
            yield Problem("placeholder_unknown", where, {"name": item.ref.strip("{}")})
        return
    alone = {name for tag, inner in LINE.findall(item.content) if tag == "p" and (name := _block_in(inner))}
    for name in dict.fromkeys(names_in(item.content)):
        if code := _fault(name, alone):
            yield Problem(code, where, {"name": name})


def _fault(name: str, alone: set[str]) -> str | None:
    if name in BLOCKS:
        return None if name in alone else "placeholder_not_alone"
    if name in PICTURES:
        return "placeholder_of_picture"
    is_known = name in WORDS or (name.startswith(ATTRIBUTE) and name != ATTRIBUTE)
    return None if is_known else "placeholder_unknown"


def _block_in(inner: str) -> str | None:
    """The block that is all of a paragraph."""
    bare = inner.replace("<b>", "").replace("</b>", "").strip()
    found = PLACEHOLDER.fullmatch(bare)
    return _name(found[1]) if found and _name(found[1]) in BLOCKS else None


def filled(sections: Sequence[Section], values: Values) -> tuple[Section, ...]:
    """The template with the product's values.

    A line (paragraph, heading, item of a list) whose placeholders are all empty is left out with its words,
    and so is a heading of words alone that nothing is left under. A picture that the product does not have
    leaves its place to what stands beside it; an empty section goes.
    """
    made = (Section(tuple(_filled_items(section.items, values))) for section in sections)
    return tuple(section for section in made if section.items)


def _filled_items(items: Sequence[Item], values: Values) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Image):
            if ref := _picture(item.ref, values.images):
                yield Image(ref)
        elif content := filled_text(item.content, values):
            yield Text(content)


def _picture(ref: str, images: Sequence[str]) -> str:
    """The ref as it stands unless it names a picture by its number."""
    found = PICTURE_REF.fullmatch(ref)
    if found is None:
        return ref
    number = int(found[1].removeprefix("image_"))
    return images[number - 1] if 1 <= number <= len(images) else ""


def filled_text(content: str, values: Values) -> str:
    made = LINE.sub(lambda line: _filled_line(line[1], line[2], values), content)
    made = EMPTY_LIST.sub(GAP, made)
    made = HEADING_OF_NOTHING.sub(GAP, made)
    return made.replace(GAP, "").replace(PLAIN_HEADING, "").strip()


def _filled_line(tag: str, inner: str, values: Values) -> str:
    if tag == "p" and (block := _block_in(inner)):
        return (values.description if block == DESCRIPTION else _list(values.attributes)) or GAP
    words = [_words(name, values) for name in names_in(inner)]
    if not words:
        return f"{PLAIN_HEADING if tag in ('h1', 'h2') else ''}<{tag}>{inner}</{tag}>"
    if not any(words):
        return GAP
    made = PLACEHOLDER.sub(lambda found: _words(_name(found[1]), values), inner)
    return f"<{tag}>{EMPTY_BOLD.sub('', made).strip()}</{tag}>"


def _words(name: str, values: Values) -> str:
    """A value is words, never markup and never a placeholder again."""
    if name.startswith(ATTRIBUTE):
        wanted = _folded(name.removeprefix(ATTRIBUTE))
        found = (value for key, value in values.attributes.items() if _folded(key) == wanted)
        return words_as_markup(next(found, ""))
    return words_as_markup(values.texts.get(name, ""))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _list(attributes: Mapping[str, str]) -> str:
    lines = [
        f"<li><b>{words_as_markup(name)}:</b> {words_as_markup(value)}</li>"
        for name, value in attributes.items()
        if words_as_markup(name) and words_as_markup(value)
    ]
    return f"<ul>{''.join(lines)}</ul>" if lines else ""
