"""The agency's own systems: JSON under `/api/v1`, by API keys. An application of its own, without cookies."""
