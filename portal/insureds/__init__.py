"""The customers named on policies, and who may see what by e-mail address."""
