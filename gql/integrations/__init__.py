"""Integrations and the vendors behind them, in the graph."""
