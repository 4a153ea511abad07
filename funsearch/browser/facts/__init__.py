"""What the pages of the browser say, as plain data: no markup, all of it bounded."""
