"""What is wrong with a line of the mapping: the sentences by code."""

from __future__ import annotations

from allegro_module.domain.texts import marked

MAPPING = {
    "mapping_table_empty": marked("The file holds no lines."),
    "mapping_table_too_long": marked("Split the file: it holds more than %(max)s lines."),
    "mapping_line_unreadable": marked("A cell of this line is too long for a mapping."),
    "mapping_line_contradicts": marked("Line %(line)s maps the same to something else. Keep one of the two."),
    "mapping_kind_unknown": marked(
        "Write “kategoria”, “cecha” or “wartość” in the first column, not “%(value)s”."
    ),
    "mapping_shop_side_missing": marked(
        "Fill in the second column, in at most as many characters as the shop's name has."
    ),
    "mapping_category_unknown": marked("Allegro has no category with the number %(value)s."),
    "mapping_category_not_leaf": marked(
        "Category %(value)s cannot take offers: choose one at the end of a branch."
    ),
    "mapping_parameter_unknown": marked("The category has no feature with the number %(value)s."),
    "mapping_parameter_required": marked("Choose the feature on Allegro."),
    "mapping_attribute_required": marked("Write the feature as the shop calls it."),
    "mapping_shop_value_required": marked("Write the value as the shop has it."),
    "mapping_value_unfit": marked("“%(name)s” on Allegro takes no value “%(value)s”."),
    "mapping_value_unknown": marked("“%(name)s” on Allegro takes no value “%(value)s”. It takes: %(known)s"),
}
