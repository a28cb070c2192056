"""Flows: what is done with Allegro and the shop, one module per story; and the rules that translate."""
