"""Taking the data away: files of any size, and views for the tools of others."""
