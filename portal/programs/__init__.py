"""Programs: up to 25 policies billed together under one payment link."""
