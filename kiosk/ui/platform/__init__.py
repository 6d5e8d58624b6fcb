"""What rests on the insides of Kivy, SDL and X, and nothing else does.

Each module says what to check at an upgrade of Kivy or SDL.
"""
