"""A third party's pages: look a policy up, see what is open, pay it."""
