"""What the agency and its partners owe each other: commissions, payouts of them, monthly statements."""
