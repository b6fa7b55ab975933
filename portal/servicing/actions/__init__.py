"""What staff do with a program that is bound: each action checks the table in its own unit."""
