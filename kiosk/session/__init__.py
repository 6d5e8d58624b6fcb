"""The shopper's pure core: what a touch, a tick or a commit does, without window, clock or disk."""
