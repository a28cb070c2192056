"""The claim of a process that has ended is free at once; everybody else's is respected."""

from __future__ import annotations

import os
import subprocess
import sys

from allegro_module.claims import LENGTH, is_dead, new_claim


def claim_of_another_process() -> tuple[subprocess.Popen[str], str]:
    script = "from allegro_module.claims import new_claim; print(new_claim(), flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_our_own_claim_is_alive_and_fits_its_column() -> None:
    claim = new_claim()

    assert not is_dead(claim)
    assert len(claim) <= LENGTH


def test_claims_of_one_process_differ() -> None:
    assert new_claim() != new_claim()


def test_a_running_process_is_alive_and_a_killed_one_is_dead() -> None:
    process, claim = claim_of_another_process()
    was_dead = is_dead(claim)

    process.kill()
    process.wait()

    assert (was_dead, is_dead(claim)) == (False, True)


def test_a_process_that_got_the_number_of_a_dead_one_does_not_hold_its_claim() -> None:
    machine, _, rest = new_claim().partition(".")

    assert is_dead(f"{machine}.{os.getpid()}.1.{rest[-12:]}")


def test_what_another_machine_holds_and_what_we_cannot_read_counts_as_alive() -> None:
    assert not is_dead("elsewhere.1.0.abc")
    assert not is_dead("nonsense")
    assert not is_dead(None)
