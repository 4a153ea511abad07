"""What tools that watch machines hear of a run: figures and events."""
