"""What every problem's checker must say of which certificate: one module for each problem."""
