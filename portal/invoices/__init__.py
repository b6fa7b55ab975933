"""Invoices: what must be paid, by whom, by when, in lines."""
