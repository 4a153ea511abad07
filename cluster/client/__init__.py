"""The sampler process: draws prompts from a service, answers them, and submits the answers."""
