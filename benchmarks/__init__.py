"""Speed, size and quality, side by side in one run: ``python -m benchmarks``."""
