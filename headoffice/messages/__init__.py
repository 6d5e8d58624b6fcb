"""What is stored of every delivery."""
