"""The real bot process over HTTP against the fake Bot API."""
