"""What a receipt, an invoice or a notice says: values first, a PDF second."""
