"""Local stand-ins that speak the real wire. For the demo and the tests only; knows nothing of the portal."""
