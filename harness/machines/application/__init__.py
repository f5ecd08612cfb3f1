"""LabelMint's service: a program of its own, which knows nothing of the harness that starts and breaks it."""
