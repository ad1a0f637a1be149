"""The commands that ask a running Watchpane, over its graph."""
