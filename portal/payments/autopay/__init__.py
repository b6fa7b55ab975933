"""Autopay: what an insured has agreed to be charged for without being there."""
