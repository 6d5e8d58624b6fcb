"""What kiosks are told to be: settings and questionnaires by place, and how they are rolled out."""
