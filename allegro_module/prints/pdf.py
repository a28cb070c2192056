"""PDF by typst, which is not always installed: data go in as JSON, so nothing a buyer writes is markup."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from allegro_module.schema import resource_dir

#: Emoji and other signs that the compiler's fonts lack, with what joins and colours them: crossed boxes would
#: stand for them. Letters of a script that they lack are not among these: a box says that a name is there.
LACKING = re.compile(
    "[\u200d\u20e3\u2607\u2608\u2630-\u2637\u268c-\u268f\u269d-\u269f\u26a8\u26a9\u26b0\u26b1\u26b3-\u2700"
    "\u2705\u270a\u270b\u2715\u2716\u2727-\u2729\u274c\u274e\u2753-\u2755\u2757\u275f\u2760\u2795-\u2797"
    "\u27b0\u303d\u3297\u3299\ufe00-\ufe0f\U0001f000-\U0001f12e\U0001f130-\U0001f6d0\U0001f6d2-\U0001f77f"
    "\U0001f7f0-\U0001f7ff\U0001f900-\U0001faff\U000e0020-\U000e007f]+"
)


class NotCompiled(Exception):
    """The document could not be made; `args` say why, without anybody's data."""


def is_available() -> bool:
    """The extra `[pdf]` is installed."""
    return all(importlib.util.find_spec(name) for name in ("typst", "pypdf"))


def compile_pdf(kind: str, paper: str) -> bytes:
    """`paper` is the JSON of a `papers.Paper`. Raises NotCompiled."""
    made: bytes = render(kind, paper, format="pdf")
    return made


def join(parts: Sequence[bytes]) -> bytes:
    """One document of many: the compiler's memory grows with the pages that it is given at once."""
    if len(parts) == 1:
        return parts[0]
    pypdf = importlib.import_module("pypdf")
    writer, joined = pypdf.PdfWriter(), BytesIO()
    for part in parts:
        writer.append(BytesIO(part), import_outline=False)
    writer.write(joined)
    return joined.getvalue()


def render(kind: str, paper: str, **options: Any) -> Any:
    """In any format that typst knows; pictures come as a list, one for each page."""
    template = resource_dir("templates") / "allegro" / "prints" / f"{kind}.typ"
    try:
        return _compiler().compile(str(template), sys_inputs=inputs(paper), **options)
    except RuntimeError as failure:
        raise NotCompiled(str(failure).splitlines()[0][:200]) from failure


def inputs(paper: str) -> Mapping[str, str]:
    return {"paper": LACKING.sub("", paper)}


@cache
def _compiler() -> Any:
    """Made once per process. The fonts are its own: the same letters everywhere, Polish ones among them.

    Imported by name, since without the extra everything else of this package is to work.
    """
    typst = importlib.import_module("typst")
    folder = resource_dir("templates") / "allegro" / "prints"
    return typst.Compiler(root=str(folder), ignore_system_fonts=True)
