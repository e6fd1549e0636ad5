"""The practice board: standings, how they are kept up to date, and its pages."""
