"""Settings of a search, compared on equal budgets and several seeds."""
