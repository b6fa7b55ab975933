"""Paying: choose, review, confirm with the bank, status. Shared by insureds, guests and holders of a payment link."""
