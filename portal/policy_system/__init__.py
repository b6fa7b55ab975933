"""The agency's policy management system: bound policies come in from it, receipts go out to it."""
