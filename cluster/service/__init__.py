"""The gRPC service of a run: prompts out, answers in, and how it goes."""
