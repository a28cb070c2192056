"""`python -m allegro_module.simulator --port 8800`: a simulated Allegro to be clicked and called."""

import json
import signal
from argparse import ArgumentParser
from pathlib import Path

from allegro_module.simulator import server
from allegro_module.simulator.app import Simulator
from allegro_module.simulator.generator import generate


def main() -> None:
    parser = ArgumentParser(prog="python -m allegro_module.simulator", description="A simulated Allegro.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="file that keeps everything over a restart")
    parser.add_argument("--orders", type=int, default=0, help="so many generated orders to begin with")
    parser.add_argument("--seller", default="bursztyn_i_len", help="login of the seller who gets them")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same orders")
    asked = parser.parse_args()
    # A process that a script starts in the background has learned to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        simulator = Simulator(state=asked.state)
    except ValueError as error:
        parser.exit(1, f"{error}\nRemove the file to begin with a new world.\n")
    if asked.seller not in simulator.world.sellers:
        parser.error(f"there is no seller {asked.seller}")
    seller = simulator.world.sellers[asked.seller]
    expected = generate(simulator.world, seller, asked.orders, asked.seed)
    listener = server.make(simulator, asked.host, asked.port)
    print(f"Symulator Allegro: http://{asked.host}:{listener.port}/", flush=True)
    if asked.orders:
        print(json.dumps(expected.as_json()), flush=True)
    listener.serve_forever()


if __name__ == "__main__":
    main()
