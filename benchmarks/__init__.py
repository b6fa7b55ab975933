"""What the portal's speed is measured with: `make bench`. Explained in docs/speed.md."""
