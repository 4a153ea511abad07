"""What the benchmark of tampering needs: a sound archive, ways to spoil one, and what is true."""
