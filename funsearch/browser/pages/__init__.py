"""The browser's server: pages over many attached runs, read-only, and hostile text throughout."""
