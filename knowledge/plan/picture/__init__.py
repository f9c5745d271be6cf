"""The picture of a plan: one page that holds everything it shows, and the data it is drawn from."""
