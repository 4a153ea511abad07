"""Floor 3: the search. Prompts out of earlier programs, programs out of samples, all on record."""
