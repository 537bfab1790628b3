"""One series: errors that remember, breaks, and the pictures of what is left."""
