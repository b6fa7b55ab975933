"""What follows when installments are not paid."""
