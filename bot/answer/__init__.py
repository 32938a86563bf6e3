"""Questions → answers, each sentence of which is a quote, a ledger figure or arithmetic."""
