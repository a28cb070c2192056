"""PDF by typst, which is not always installed: data go in as JSON, so nothing a buyer writes is markup."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from allegro_module.schema import resource_dir


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
    return {"paper": paper}


@cache
def _compiler() -> Any:
    """Made once per process. The fonts are its own: the same letters everywhere, Polish ones among them.

    Imported by name, since without the extra everything else of this package is to work.
    """
    typst = importlib.import_module("typst")
    folder = resource_dir("templates") / "allegro" / "prints"
    return typst.Compiler(root=str(folder), ignore_system_fonts=True)
