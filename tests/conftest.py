"""What every test may use: databases, and a run in which nothing is skipped when CI says so."""

from __future__ import annotations

import gc
import os
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

# A busy machine is slow, not wrong; and what CI says of a commit must not depend on chance.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("house")


class CompiledTemplates(BytecodeCache):
    """Almost every test makes an app of its own: its templates are compiled once for all of them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def compile_addresses_once() -> None:
    """Werkzeug reads and compiles each rule of each app: half the time of a page's test, for one result."""
    compile_rule = Rule.compile
    kept: dict[Any, dict[str, Any]] = {}
    made = ("_parts", "_trace", "_converters", "arguments")

    def compile_once(rule: Rule) -> None:
        assert rule.map is not None
        converters = tuple(rule.map.converters.values())
        defaults = repr(sorted((rule.defaults or {}).items()))
        where = (rule.host, rule.subdomain, rule.map.host_matching, rule.merge_slashes)
        key = (rule.rule, where, converters, defaults)
        if key not in kept:
            compile_rule(rule)
            kept[key] = {name: getattr(rule, name) for name in made}
            kept[key] |= {name: getattr(rule, name).__func__ for name in ("_build", "_build_unknown")}
            return
        for name in made:
            setattr(rule, name, kept[key][name])
        rule._build = kept[key]["_build"].__get__(rule, None)
        rule._build_unknown = kept[key]["_build_unknown"].__get__(rule, None)

    Rule.compile = compile_once  # type: ignore[method-assign,assignment]


compile_addresses_once()

pytest_plugins = ["tests.databases", "tests.browser"]


# What is imported and collected stays to the end: the garbage collector need not go through it, neither
# while it grows nor again and again for every test.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Where everything is installed (CI), a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("ALLEGRO_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although everything should be here: {report.longrepr}"
