"""Helpers independent of pruning: background work, progress, atomic files, interrupts, installed packages."""
