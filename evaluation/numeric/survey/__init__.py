"""Answers of a sample: weights, clusters, scales."""
