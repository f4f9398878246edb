"""The views: screens and widgets that render snapshots and know nothing of processes."""
