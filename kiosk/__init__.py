"""What shoppers and staff see: the session state machine and the Kivy screens."""
