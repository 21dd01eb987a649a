"""What knows nothing of pruning: background work, progress, whole files, interrupts, installed packages."""
