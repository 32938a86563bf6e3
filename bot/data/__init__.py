"""Files that come along: the digest's font, with its licence."""
