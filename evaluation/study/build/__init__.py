"""From a plan and data to what an estimator takes; a file a design."""
