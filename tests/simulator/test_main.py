"""The simulator as a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx2


def start(state: Path, port: int, *more: str) -> subprocess.Popen[str]:
    """A started simulator that has said where it listens."""
    command = [sys.executable, "-m", "allegro_module.simulator", "--port", str(port), "--state", str(state)]
    process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)


def test_process_serves_stops_on_ctrl_c_and_remembers(tmp_path: Path, free_port: int) -> None:
    address = f"http://127.0.0.1:{free_port}/_control"
    first = start(tmp_path / "state", free_port, "--orders", "5", "--seed", "3")
    try:
        httpx2.post(f"{address}/orders/bulk", json={"count": 2, "seller": "drugi_sklep"})
    finally:
        stop(first)

    second = start(tmp_path / "state", free_port)
    try:
        kept = httpx2.get(f"{address}/orders?seller=drugi_sklep").json()["orders"]
        generated = httpx2.get(f"{address}/orders/expected?seller=bursztyn_i_len").json()
    finally:
        stop(second)

    assert first.returncode == 0
    assert len(kept) == 2
    assert generated["forms"] >= 5
