"""Reminders of what is due, overdue mails, and payment links that staff send: each on its day, once."""
