"""Floor 4, for the search over many machines. Empty so far: one machine is all there is."""
