"""What each kind of record looks like in a statement: one writer and one reader a kind."""
