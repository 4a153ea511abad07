"""Floor 2: from a program's source to a verdict, with nothing in between that it could touch."""
