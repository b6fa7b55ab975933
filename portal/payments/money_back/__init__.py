"""Money that goes back to who paid it: refunds, disputes and returns, and what an agency owes as credit."""
