"""Saved payment methods: a card or bank account that the processor keeps for whoever owns an e-mail address."""
