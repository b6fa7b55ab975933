"""A local inbox: real SMTP in, a page to read. For the demo and tests; nothing leaves the machine."""
