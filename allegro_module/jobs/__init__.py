"""The queue, what runs in it, what runs when, and the worker that does it."""
