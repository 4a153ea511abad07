"""A sampler without a model: syntax trees recombined and mutated."""

from funsearch.samplers.syntax.sampler import Syntax

__all__ = ["Syntax"]
