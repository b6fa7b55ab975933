"""Moving money: claims, submission, outcomes, reconciliation."""
