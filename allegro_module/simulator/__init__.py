"""A stateful Allegro on localhost: over WSGI in tests, over HTTP in the demo."""

from allegro_module.simulator.app import Simulator, create_simulator
from allegro_module.simulator.clock import Clock, Standing
from allegro_module.simulator.world import World

__all__ = ["Clock", "Simulator", "Standing", "World", "create_simulator"]
