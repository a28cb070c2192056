"""The forms of product safety: an entry of the book, and the data of a brand, a product or the account."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.problems import Problem
from allegro_module.domain.producers import Party
from allegro_module.domain.safety import SafetyInformation, information_problems

#: Chosen to say that there is none although one would be inherited.
NONE = "-"
INFORMATION_KINDS = ("text", "files")


def read_party(sent: MultiDict[str, str]) -> Party:
    """As typed, without the blanks around."""
    return Party(**{each.name: sent.get(each.name, "").strip() for each in fields(Party)})


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The safety data as chosen; "" inherits. `seen` tells what stood there when the form was shown."""

    producer: str = ""
    person: str = ""
    information: SafetyInformation = field(default_factory=SafetyInformation)
    #: "", "1" or "0".
    before_gpsr: str = ""
    seen: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """Those of a profile: what is inherited is absent."""
        chosen: dict[str, Any] = dict(self.information.values)
        if self.producer:
            chosen["responsible_producer_id"] = self.producer
        if self.person:
            chosen["responsible_person_id"] = "" if self.person == NONE else self.person
        if self.before_gpsr:
            chosen["is_before_gpsr"] = self.before_gpsr == "1"
        return chosen


def rule_form(values: Mapping[str, Any]) -> RuleForm:
    """Of a profile's values."""
    text, files = values.get("safety_text") or "", values.get("safety_attachments") or ()
    is_told = "safety_text" in values or "safety_attachments" in values
    kind = "" if not is_told else "files" if files else "text"
    person = values.get("responsible_person_id") or ("" if "responsible_person_id" not in values else NONE)
    before = values.get("is_before_gpsr")
    return RuleForm(
        producer=values.get("responsible_producer_id") or "",
        person=person,
        information=SafetyInformation(kind, text, tuple(files)),
        before_gpsr="" if before is None else str(int(before)),
        seen=digest(values),
    )


def read_rule(sent: MultiDict[str, str]) -> RuleForm:
    kind = sent.get("safety_kind", "")
    ids = [int(id) for id in sent.getlist("attachment") if id.isascii() and id.isdigit() and len(id) < 10]
    before = sent.get("is_before_gpsr", "")
    return RuleForm(
        producer=sent.get("responsible_producer_id", ""),
        person=sent.get("responsible_person_id", ""),
        information=SafetyInformation(
            kind if kind in INFORMATION_KINDS else "",
            "\n".join(sent.get("safety_text", "").splitlines()).strip(),
            tuple(dict.fromkeys(ids)),
        ),
        before_gpsr=before if before in ("0", "1") else "",
        seen=sent.get("seen", ""),
    )


def with_files(form: RuleForm, kept: Collection[int]) -> RuleForm:
    """Files just uploaded join those that were ticked; to upload one is to choose files."""
    if not kept:
        return form
    ids = tuple(dict.fromkeys([*form.information.attachments, *kept]))
    return replace(form, information=replace(form.information, kind="files", attachments=ids))


def rule_problems(
    form: RuleForm, before: Mapping[str, Any], producers: Collection[str], persons: Collection[str]
) -> list[Problem]:
    """`before` is what stands there now: it may stay chosen though it is no longer on the list."""
    problems = []
    if form.producer and form.producer not in {*producers, before.get("responsible_producer_id")}:
        problems.append(Problem("safety_producer_unknown", "responsible_producer_id"))
    if form.person and form.person not in {NONE, *persons, before.get("responsible_person_id")}:
        problems.append(Problem("safety_person_unknown", "responsible_person_id"))
    problems += information_problems(form.information)
    if form.seen != digest(before):
        problems.append(Problem("safety_changed_meanwhile"))
    return problems


def digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
