"""What lies over the shopper's screens."""
