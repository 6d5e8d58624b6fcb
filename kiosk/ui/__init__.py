"""What is drawn: the only package that knows Kivy."""
