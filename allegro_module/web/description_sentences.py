"""Sentences for problems of description templates."""

from __future__ import annotations

from allegro_module.web.i18n import marked

DESCRIPTIONS = {
    "sections_required": marked("Add at least one section."),
    "sections_too_many": marked("There are %(count)s sections, Allegro takes %(max)s. Remove some."),
    "section_items": marked("Put one or two texts or pictures into the section."),
    "section_text_required": marked("Write the text, or remove the section."),
    "section_image_required": marked("Choose a picture, or remove the section."),
    "markup_tag": marked("Allegro does not take <%(tag)s>. Convert the text, or write it with other tags."),
    "markup_attributes": marked("Write <%(tag)s> in small letters and with nothing but the tag in it."),
    "markup_nesting": marked("The tag <%(tag)s> must not stand here: b goes into p and li, li into a list."),
    "markup_unclosed": marked("The tag <%(tag)s> is not closed, or closed in the wrong place."),
    "markup_encode": marked("Write &lt; for < and &amp; for &."),
    "markup_loose": marked("Put all words into tags, for example <p>…</p>."),
    "markup_contact": marked("Remove “%(address)s”: Allegro takes no links and contact data here."),
    "placeholder_not_alone": marked("Put {%(name)s} into a paragraph of its own: <p>{%(name)s}</p>."),
    "placeholder_of_picture": marked("{%(name)s} is a picture: choose it in a section with a picture."),
    "description_images_too_many": marked(
        "The offer has %(own)s pictures and its description %(extra)s more; Allegro takes %(max)s in all. "
        "Leave some out, or choose another template."
    ),
    "template_name_required": marked("Write the name of the template."),
    "template_name_taken": marked("Choose another name: there is already a template “%(name)s”."),
    "template_image_required": marked("Choose a file with a picture."),
    "template_image_unreadable": marked("The file “%(name)s” is not a whole picture in JPG, PNG or WEBP."),
    "template_image_too_small": marked(
        "The picture “%(name)s” is too small: %(width)s × %(height)s px. "
        "The longer side must have %(min)s px."
    ),
    "template_image_too_large": marked(
        "The picture “%(name)s” is too large: at most 26 Mpx and 26 MB. Make it smaller."
    ),
}
