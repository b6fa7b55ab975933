"""The payment portal for insurance agencies."""
