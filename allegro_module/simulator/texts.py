"""The sentences that go with the codes of refusals, English and Polish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "sentences.json"
SENTENCES: Mapping[str, tuple[str, str]] = {
    code: (english, polish) for code, (english, polish) in json.loads(_FILE.read_text("utf-8")).items()
}
