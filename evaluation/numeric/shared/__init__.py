"""What every shelf leans on: least squares, likelihoods, draws, clusters, parallel work."""
