"""Installments that are late: what the agency has set, the fees, and the rules behind them."""
