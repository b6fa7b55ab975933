"""What is held about a person: handed out, erased, and kept no longer than it is needed."""
