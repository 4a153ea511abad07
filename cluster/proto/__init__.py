"""The protocol of the programs database, and the stubs made from it."""
