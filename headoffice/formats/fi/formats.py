"""What Django leaves in the basic form: 27. lokakuuta, not 27. lokakuu."""

MONTH_DAY_FORMAT = "j. E"
