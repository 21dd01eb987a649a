"""Handing out chapters and marking what comes back: ``python -m prunewidgets assign`` and ``grade``."""
