"""Where others announce what happened."""
