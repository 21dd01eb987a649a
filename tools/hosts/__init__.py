"""Runs a conformance notebook in each host of notebooks; `make hosts` starts it. Not part of `make test`."""
